/* A folder that can only be read: everything that would change it fails, with read-only or not-permitted, and it can be read. */
#include "case.h"

static void test(void) {
    list_tuple_descriptor_string_t all = preopens_get_directories();
    EQ(all.size, 2);
    IS(is_text(all.data[1].f1, "/ro"));
    descriptor_t ro = all.data[1].f0;
    new_timestamp_t now = {NEW_TIMESTAMP_NOW, {{0, 0}}};
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_create_directory_at(ro, S("new")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_unlink_file_at(ro, S("hello.txt")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_remove_directory_at(ro, S("folder")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_open_at(ro, 0, S("new"), CREATE, READ | WRITE));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_open_at(ro, 0, S("hello.txt"), 0, READ | WRITE));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_open_at(ro, 0, S("hello.txt"), TRUNCATE, READ | WRITE));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_symlink_at(ro, S("x"), S("new")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_link_at(ro, 0, S("hello.txt"), ro, S("new")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_rename_at(ro, S("hello.txt"), ro, S("new")));
    EITHER(READ_ONLY, NOT_PERMITTED, descriptor_set_times_at(ro, 0, S("hello.txt"), now, now));
    descriptor_t file = OK(descriptor_open_at(ro, 0, S("hello.txt"), 0, READ));
    EQ(read_all(file, block, 100, 0), 20);
    descriptor_drop(file);
}
