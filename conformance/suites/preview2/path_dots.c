/* Dots and doubled slashes on the way change nothing. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("sub/file"), B("x"));
    HOLDS(S("./sub/./file"), "x");
    HOLDS(S("sub//file"), "x");
    HOLDS(S("sub/../sub/file"), "x");
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("nothing/../sub/file")));
    FAILS(NOT_DIRECTORY, descriptor_stat_at(root(), 0, S("sub/file/../file")));
}
