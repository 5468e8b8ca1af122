/* Where rights are enforced, a directory that was opened without mutate-directory can't be changed, nor what is opened from it. */
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
    FAILS(READ_ONLY, descriptor_link_at(sub, 0, S("file"), root(), S("new")));
    FAILS(READ_ONLY, descriptor_link_at(root(), 0, S("sub/file"), sub, S("new")));
    FAILS(READ_ONLY, descriptor_rename_at(sub, S("file"), root(), S("new")));
    FAILS(READ_ONLY, descriptor_rename_at(root(), S("sub/file"), sub, S("new")));
    new_timestamp_t now = {NEW_TIMESTAMP_NOW, {{0, 0}}};
    FAILS(READ_ONLY, descriptor_set_times_at(sub, 0, S("file"), now, now));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("file"), 0, READ | WRITE));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("new"), CREATE, READ));
    FAILS(READ_ONLY, descriptor_open_at(sub, 0, S("inner"), DIRECTORY, READ | MUTATE));
    descriptor_drop(OK(descriptor_open_at(sub, 0, S("file"), 0, READ)));
    descriptor_drop(sub);
    HOLDS(S("sub/file"), "x");
}
