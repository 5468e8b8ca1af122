/* unlink-file-at removes a name. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_unlink_file_at(root(), S("file")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("file")));
    FAILS(NO_ENTRY, descriptor_unlink_file_at(root(), S("file")));
}
