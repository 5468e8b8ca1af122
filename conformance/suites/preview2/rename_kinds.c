/* A file doesn't replace a directory, nor the other way round. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    FAILS(IS_DIRECTORY, descriptor_rename_at(root(), S("file"), root(), S("sub")));
    FAILS(NOT_DIRECTORY, descriptor_rename_at(root(), S("sub"), root(), S("file")));
    HOLDS(S("file"), "x");
}
