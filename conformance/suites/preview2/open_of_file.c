/* A file is no directory to open things from. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_open_at(file, 0, S("x"), 0, READ));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_create_directory_at(file, S("x")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_unlink_file_at(file, S("x")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_readlink_at(file, S("x")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_remove_directory_at(file, S("x")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_symlink_at(file, S("x"), S("y")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_rename_at(file, S("x"), root(), S("y")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_link_at(file, 0, S("x"), root(), S("y")));
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_metadata_hash_at(file, 0, S("x")));
    descriptor_drop(file);
}
