/* A directory that was opened without mutate-directory can't be changed: everything that would fails with read-only. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_directory(S("sub/inner"));
    make_file(S("sub/file"), B("x"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ);
    FAILS(READ_ONLY, descriptor_create_directory_at(sub, S("new")));
    FAILS(READ_ONLY, descriptor_unlink_file_at(sub, S("file")));
    FAILS(READ_ONLY, descriptor_remove_directory_at(sub, S("inner")));
    FAILS(READ_ONLY, descriptor_symlink_at(sub, S("file"), S("new")));
    FAILS(READ_ONLY, descriptor_link_at(sub, 0, S("file"), sub, S("new")));
    FAILS(READ_ONLY, descriptor_rename_at(sub, S("file"), sub, S("new")));
    new_timestamp_t now = {NEW_TIMESTAMP_NOW, {{0, 0}}};
    FAILS(READ_ONLY, descriptor_set_times_at(sub, 0, S("file"), now, now));
    descriptor_drop(sub);
    HOLDS(S("sub/file"), "x");
}
