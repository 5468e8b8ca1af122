/* A directory with something in it stays. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("sub/file"), B("x"));
    FAILS(NOT_EMPTY, descriptor_remove_directory_at(root(), S("sub")));
    HOLDS(S("sub/file"), "x");
}
