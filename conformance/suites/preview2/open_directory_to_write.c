/* A directory can't be opened to be written as a file. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    FAILS(IS_DIRECTORY, descriptor_open_at(root(), 0, S("sub"), 0, READ | WRITE));
    FAILS(IS_DIRECTORY, descriptor_open_at(root(), 0, S("sub"), TRUNCATE, READ | WRITE));
}
