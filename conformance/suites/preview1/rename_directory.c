/* path_rename of directories: with all that is in them, over an empty one, and what that does to open ones. */
#include "check.h"

static char buffer[256];

static void test(void) {
    fd_t dir, gone, fd;
    size_u32 used;
    make_dir("d");
    make_file("d/f", "abc");
    make_dir("d/e");
    make_dir("empty");
    dir = open_dir("d"), gone = open_dir("empty");

    OK(path_rename(ROOT, NAME("d"), ROOT, NAME("moved")));
    FAILS(ENOENT, stat_errno("d"));
    FILE_IS("moved/f", "abc");
    OK(path_rename(ROOT, NAME("moved"), ROOT, NAME("moved")));
    OK(path_rename(ROOT, NAME("moved"), ROOT, NAME("empty")));
    FILE_IS("empty/f", "abc");
    EQ(stat_of("empty").ino, stat_of_fd(dir).ino);
    EQ(stat_of_fd(gone).nlink, 0);
    OK(fd_readdir(gone, buffer, sizeof buffer, 0, &used));
    IS(used == 0 || used == 2 * sizeof(struct dirent) + 3);
    FAILS(ENOENT, path_open(gone, 0, NAME("f"), O_CREAT, RW, grantable, 0, &fd));
    OK(path_open(dir, 0, NAME("g"), O_CREAT, RW, grantable, 0, &fd));
    EQ(stat_of("empty/g").type, REGULAR_FILE);

    /* Into another directory: `..` then leads to the new parent. */
    make_dir("parent");
    OK(path_rename(ROOT, NAME("empty"), ROOT, NAME("parent/child")));
    EQ(stat_of("parent/child/..").ino, stat_of("parent").ino);
    OK(path_rename(ROOT, NAME("parent/child/e"), ROOT, NAME("e")));
    EQ(stat_of("e").type, DIRECTORY);
}
