/* A directory that is removed while it is open: empty for ever, and nothing can be made in it. */
#include "check.h"

static char buffer[512];

static void test(void) {
    struct filestat st;
    size_u32 used = 77;
    fd_t dir, fd;
    make_dir("d");
    dir = open_dir("d");
    OK(path_remove_directory(ROOT, NAME("d")));
    FAILS(ENOENT, stat_errno("d"));

    OK(fd_filestat_get(dir, &st));
    EQ(st.type, DIRECTORY);
    EQ(st.nlink, 0);
    FAILS(ENOENT, path_open(dir, 0, NAME("f"), O_CREAT, RW, grantable, 0, &fd));
    FAILS(ENOENT, path_open(dir, 0, NAME("f"), 0, RW, grantable, 0, &fd));
    FAILS(ENOENT, path_create_directory(dir, NAME("e")));
    FAILS(ENOENT, path_symlink(NAME("t"), dir, NAME("l")));
    FAILS(ENOENT, path_filestat_get(dir, 0, NAME("f"), &st));
    make_file("source", "s");
    FAILS(ENOENT, path_rename(ROOT, NAME("source"), dir, NAME("f")));
    FAILS(ENOENT, path_link(ROOT, 0, NAME("source"), dir, NAME("f")));
    /* Hosts with `.` and `..` of their own list those two; a POSIX system may list nothing. */
    OK(fd_readdir(dir, buffer, sizeof buffer, 0, &used));
    IS(used == 0 || used == 2 * sizeof(struct dirent) + 3);

    /* A new directory of the same name is another one. */
    make_dir("d");
    make_file("d/f", "new");
    FAILS(ENOENT, path_filestat_get(dir, 0, NAME("f"), &st));
    OK(fd_close(dir));
}
