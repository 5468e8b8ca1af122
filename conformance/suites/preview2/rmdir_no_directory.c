/* Files and links are no directories, nor what is below a file. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("sub"), S("link")));
    FAILS(NOT_DIRECTORY, descriptor_remove_directory_at(root(), S("file")));
    FAILS(NOT_DIRECTORY, descriptor_remove_directory_at(root(), S("link")));
    FAILS(NOT_DIRECTORY, descriptor_remove_directory_at(root(), S("file/sub")));
    EQ(stat_of(S("sub")).type, DESCRIPTOR_TYPE_DIRECTORY);
}
