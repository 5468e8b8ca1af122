/* path_remove_directory: only an empty directory, and only a directory. */
#include "check.h"

static void test(void) {
    make_dir("d");
    make_dir("d/e");
    make_file("d/f", "");
    /* POSIX allows EXIST as well. */
    EITHER(ENOTEMPTY, EEXIST, path_remove_directory(ROOT, NAME("d")));
    OK(path_remove_directory(ROOT, NAME("d/e")));
    EITHER(ENOTEMPTY, EEXIST, path_remove_directory(ROOT, NAME("d")));
    FAILS(ENOTDIR, path_remove_directory(ROOT, NAME("d/f")));
    OK(path_unlink_file(ROOT, NAME("d/f")));
    OK(path_remove_directory(ROOT, NAME("d")));
    FAILS(ENOENT, path_remove_directory(ROOT, NAME("d")));
    FAILS(ENOENT, stat_errno("d"));

    make_dir("d");
    make_link("d", "to_dir");
    make_link("none", "dangling");
    make_link("loop", "loop");
    FAILS(ENOTDIR, path_remove_directory(ROOT, NAME("to_dir")));
    FAILS(ENOTDIR, path_remove_directory(ROOT, NAME("dangling")));
    FAILS(ENOTDIR, path_remove_directory(ROOT, NAME("loop")));
    FAILS(ELOOP, path_remove_directory(ROOT, NAME("loop/x")));
    /* The root of the preopened directory: POSIX has INVAL for a last dot, BUSY for a mount. */
    ONE_OF(EINVAL, EBUSY, ENOTEMPTY, path_remove_directory(ROOT, NAME(".")));
    EQ(stat_of("d").type, DIRECTORY);
}
