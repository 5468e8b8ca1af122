/* No path leads above the directory that it begins in. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    new_timestamp_t now = {NEW_TIMESTAMP_NOW, {{0, 0}}};
    FAILS(NOT_PERMITTED, descriptor_open_at(root(), 0, S("../file"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_open_at(root(), 0, S("sub/../../file"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_open_at(root(), 0, S(".."), DIRECTORY, READ));
    FAILS(NOT_PERMITTED, descriptor_stat_at(root(), 0, S("..")));
    FAILS(NOT_PERMITTED, descriptor_set_times_at(root(), 0, S("../file"), now, now));
    FAILS(NOT_PERMITTED, descriptor_create_directory_at(root(), S("../new")));
    FAILS(NOT_PERMITTED, descriptor_unlink_file_at(root(), S("../file")));
    FAILS(NOT_PERMITTED, descriptor_remove_directory_at(root(), S("../sub")));
    FAILS(NOT_PERMITTED, descriptor_readlink_at(root(), S("../link")));
    FAILS(NOT_PERMITTED, descriptor_symlink_at(root(), S("file"), S("../link")));
    FAILS(NOT_PERMITTED, descriptor_link_at(root(), 0, S("../file"), root(), S("new")));
    FAILS(NOT_PERMITTED, descriptor_link_at(root(), 0, S("file"), root(), S("../new")));
    FAILS(NOT_PERMITTED, descriptor_rename_at(root(), S("../file"), root(), S("new")));
    FAILS(NOT_PERMITTED, descriptor_rename_at(root(), S("file"), root(), S("../new")));
    FAILS(NOT_PERMITTED, descriptor_metadata_hash_at(root(), 0, S("../file")));
    HOLDS(S("sub/../file"), "x");
}
