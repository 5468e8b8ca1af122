/* A directory with something in it isn't replaced. */
#include "case.h"

static void test(void) {
    make_directory(S("a"));
    make_directory(S("b"));
    make_file(S("b/file"), B("x"));
    EITHER(NOT_EMPTY, EXIST, descriptor_rename_at(root(), S("a"), root(), S("b")));
    HOLDS(S("b/file"), "x");
}
