/* A directory has one name. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    EITHER(NOT_PERMITTED, ACCESS, descriptor_link_at(root(), 0, S("sub"), root(), S("other")));
}
