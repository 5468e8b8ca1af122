/* Nor does such a directory give what could be changed: open-at fails with read-only. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_directory(S("sub/inner"));
    make_file(S("sub/file"), B("x"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ);
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("file"), 0, READ | WRITE));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("file"), TRUNCATE, READ));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("new"), CREATE, READ));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("inner"), DIRECTORY, READ | MUTATE));
    descriptor_drop(OK(descriptor_open_at(sub, 0, S("file"), 0, READ)));
    descriptor_drop(OK(descriptor_open_at(sub, 0, S("inner"), DIRECTORY, READ)));
    descriptor_drop(sub);
}
