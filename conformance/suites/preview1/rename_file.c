/* path_rename of files: to a new name, over a file, onto itself, into a directory; what was open stays open. */
#include "check.h"

static void test(void) {
    char got[4];
    fd_t fd, dir;
    uint64_t ino;
    make_file("f", "F");
    make_file("g", "G");
    ino = stat_of("f").ino;
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("h")));
    FAILS(ENOENT, stat_errno("f"));
    EQ(stat_of("h").ino, ino);
    FILE_IS("h", "F");

    OK(path_rename(ROOT, NAME("h"), ROOT, NAME("h")));
    FILE_IS("h", "F");

    fd = open_rw("g");
    OK(path_rename(ROOT, NAME("h"), ROOT, NAME("g")));
    FAILS(ENOENT, stat_errno("h"));
    FILE_IS("g", "F");
    EQ(read_all(fd, got, 4), 1);
    EQ(got[0], 'G');
    EQ(stat_of_fd(fd).nlink, 0);
    OK(fd_close(fd));

    make_dir("d");
    dir = open_dir("d");
    fd = open_rw("g");
    OK(path_rename(ROOT, NAME("g"), dir, NAME("f")));
    FILE_IS("d/f", "F");
    write_all(fd, "new", 3);
    FILE_IS("d/f", "new");
    OK(path_rename(dir, NAME("f"), ROOT, NAME("f")));
    FILE_IS("f", "new");

    /* Two names of one file: POSIX says nothing happens, and both names stay. */
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("twin")));
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("twin")));
    EQ(stat_of("f").nlink, 2);
    EQ(stat_of("twin").ino, stat_of("f").ino);
}
