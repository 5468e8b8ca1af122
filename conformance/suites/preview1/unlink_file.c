/* path_unlink_file: files and links go, directories don't; a link's target stays. */
#include "check.h"

static void test(void) {
    make_file("f", "abc");
    make_dir("d");
    make_link("f", "to_file");
    make_link("d", "to_dir");
    make_link("none", "dangling");
    make_link("loop", "loop");
    OK(path_unlink_file(ROOT, NAME("to_file")));
    FILE_IS("f", "abc");
    OK(path_unlink_file(ROOT, NAME("to_dir")));
    EQ(stat_of("d").type, DIRECTORY);
    OK(path_unlink_file(ROOT, NAME("dangling")));
    FAILS(ELOOP, path_unlink_file(ROOT, NAME("loop/x")));
    OK(path_unlink_file(ROOT, NAME("loop")));

    /* Linux: ISDIR; POSIX: PERM. */
    EITHER(EISDIR, EPERM, path_unlink_file(ROOT, NAME("d")));
    OK(path_unlink_file(ROOT, NAME("f")));
    FAILS(ENOENT, path_unlink_file(ROOT, NAME("f")));
    FAILS(ENOENT, stat_errno("f"));
    FAILS(ENOENT, path_unlink_file(ROOT, NAME("none/f")));
}
