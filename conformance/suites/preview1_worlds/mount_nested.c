/* A folder mounted in a folder that is mounted, where a directory is already or isn't yet: each is reached both ways. */
#define FIRST_DIRECTORY 7
#include "../preview1/check.h"

enum { OUTER = 3, INNER, DEEP, DOTS }; /* and the machine's root behind them */

static void same_place(fd_t fd, const char *path) {
    struct filestat here, there = stat_of(path);
    OK(fd_filestat_get(fd, &here));
    EQ(here.ino, there.ino);
    EQ(here.dev, there.dev);
}

static void test(void) {
    same_place(OUTER, "outer");
    same_place(INNER, "outer/inner");
    same_place(DEEP, "outer/inner/new/deep");
    same_place(DOTS, "outer/dots");
    IS(stat_of("outer").dev != stat_of(".").dev);
    IS(stat_of("outer/inner").dev != stat_of("outer").dev);
    EQ(stat_of("outer/inner/new").dev, stat_of("outer/inner").dev);
    IS(stat_of("outer/inner/new/deep").dev != stat_of("outer/inner").dev);
    EQ(stat_of("outer/inner/new/..").ino, stat_of("outer/inner").ino);
    make_file("outer/inner/f", "text");
    fd_t fd = NO_FD;
    OK(path_open(INNER, 0, NAME("f"), 0, RW, grantable, 0, &fd));
    EQ(stat_of_fd(fd).size, 4);
    FAILS(EBUSY, path_remove_directory(ROOT, NAME("outer/inner")));
    FAILS(EBUSY, path_rename(ROOT, NAME("outer/inner"), ROOT, NAME("outer/other")));
    FAILS(EXDEV, path_rename(ROOT, NAME("outer/inner/f"), ROOT, NAME("outer/f")));
}
