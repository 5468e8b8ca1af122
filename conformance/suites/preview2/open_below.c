/* A directory that was opened is one to open files from, and .. stays within it. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("sub/file"), B("x"));
    make_file(S("outside"), B("y"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ | MUTATE);
    descriptor_drop(OK(descriptor_open_at(sub, 0, S("file"), 0, READ)));
    FAILS(NO_ENTRY, descriptor_open_at(sub, 0, S("outside"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_open_at(sub, 0, S("../outside"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_open_at(sub, 0, S("../sub/file"), 0, READ));
    descriptor_drop(sub);
}
