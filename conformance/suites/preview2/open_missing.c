/* What isn't there can't be opened, nor made where there is no directory. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NO_ENTRY, descriptor_open_at(root(), 0, S("nothing"), 0, READ));
    FAILS(NO_ENTRY, descriptor_open_at(root(), 0, S("nothing/new"), CREATE, READ | WRITE));
    FAILS(NOT_DIRECTORY, descriptor_open_at(root(), 0, S("file/new"), CREATE, READ | WRITE));
    FAILS(NO_ENTRY, descriptor_open_at(root(), 0, S(""), 0, READ));
}
