/* path_create_directory: makes one directory, never its parents, never over anything that is there. */
#include "check.h"

static void test(void) {
    make_dir("d");
    EQ(stat_of("d").type, DIRECTORY);
    FAILS(EEXIST, path_create_directory(ROOT, NAME("d")));
    make_dir("d/e");
    make_dir("d/e/f");
    FAILS(ENOENT, path_create_directory(ROOT, NAME("x/y")));
    FAILS(ENOENT, stat_errno("x"));

    make_file("file", "abc");
    FAILS(EEXIST, path_create_directory(ROOT, NAME("file")));
    FAILS(ENOTDIR, path_create_directory(ROOT, NAME("file/d")));
    make_link("none", "dangling");
    FAILS(EEXIST, path_create_directory(ROOT, NAME("dangling")));
    make_link("d", "to_dir");
    FAILS(EEXIST, path_create_directory(ROOT, NAME("to_dir")));
    OK(path_create_directory(ROOT, NAME("to_dir/through")));
    EQ(stat_of("d/through").type, DIRECTORY);
    make_link("loop", "loop");
    FAILS(EEXIST, path_create_directory(ROOT, NAME("loop")));
    FAILS(ELOOP, path_create_directory(ROOT, NAME("loop/d")));
    FILE_IS("file", "abc");
}
