/* Files and directories say nothing. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    FAILS(INVALID, descriptor_readlink_at(root(), S("file")));
    FAILS(INVALID, descriptor_readlink_at(root(), S("sub")));
    FAILS(NO_ENTRY, descriptor_readlink_at(root(), S("nothing")));
    FAILS(NOT_DIRECTORY, descriptor_readlink_at(root(), S("file/below")));
}
