/* directory opens directories alone. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("file"), B("x"));
    descriptor_drop(open_in(S("sub"), DIRECTORY, READ));
    descriptor_drop(open_in(S("sub/"), DIRECTORY, READ));
    descriptor_drop(open_in(S("."), DIRECTORY, READ));
    FAILS(NOT_DIRECTORY, descriptor_open_at(root(), 0, S("file"), DIRECTORY, READ));
    FAILS(NO_ENTRY, descriptor_open_at(root(), 0, S("nothing"), DIRECTORY, READ));
}
