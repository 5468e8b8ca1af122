/* A link to an absolute path isn't made. */
#include "case.h"

static void test(void) {
    FAILS(NOT_PERMITTED, descriptor_symlink_at(root(), S("/file"), S("link")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("link")));
}
