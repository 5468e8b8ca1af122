/* path_link: two names, one file, and a count of them. */
#include "check.h"

static void test(void) {
    struct filestat a, b;
    make_file("f", "abc");
    make_dir("d");
    EQ(stat_of("f").nlink, 1);
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("g")));
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("d/h")));
    a = stat_of("f"), b = stat_of("d/h");
    EQ(a.nlink, 3);
    EQ(b.nlink, 3);
    EQ(a.ino, b.ino);
    EQ(a.dev, b.dev);

    fd_t fd = open_rw("g");
    write_all(fd, "ABCD", 4);
    OK(fd_close(fd));
    FILE_IS("f", "ABCD");
    EQ(stat_of("d/h").size, 4);

    OK(path_unlink_file(ROOT, NAME("f")));
    EQ(stat_of("g").nlink, 2);
    FILE_IS("d/h", "ABCD");
    OK(path_rename(ROOT, NAME("g"), ROOT, NAME("f")));
    EQ(stat_of("f").nlink, 2);
    OK(path_unlink_file(ROOT, NAME("d/h")));
    EQ(stat_of("f").nlink, 1);
    FILE_IS("f", "ABCD");
}
