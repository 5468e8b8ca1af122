/* A name that is taken isn't given to a link. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    FAILS(EXIST, descriptor_symlink_at(root(), S("x"), S("file")));
    FAILS(EXIST, descriptor_symlink_at(root(), S("x"), S("sub")));
    FAILS(NO_ENTRY, descriptor_symlink_at(root(), S("x"), S("nothing/link")));
    FAILS(NOT_DIRECTORY, descriptor_symlink_at(root(), S("x"), S("file/link")));
}
