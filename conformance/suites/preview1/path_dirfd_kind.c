/* A descriptor that isn't a directory, where one is wanted: a file, and the three of stdio. */
#include "check.h"

static void each(fd_t fd) {
    char buffer[32];
    struct filestat st;
    size_u32 n;
    fd_t got;
    /* NOTDIR in POSIX; BADF in wasmtime, but for path_open, where it has NOTDIR for a file. */
    EITHER(EBADF, ENOTDIR, path_create_directory(fd, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_filestat_get(fd, 0, NAME("f"), &st));
    EITHER(EBADF, ENOTDIR, path_filestat_set_times(fd, 0, NAME("f"), 0, 0, 0));
    EITHER(EBADF, ENOTDIR, path_link(fd, 0, NAME("f"), ROOT, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_link(ROOT, 0, NAME("f"), fd, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_open(fd, 0, NAME("f"), 0, RW, grantable, 0, &got));
    EITHER(EBADF, ENOTDIR, path_readlink(fd, NAME("l"), buffer, sizeof buffer, &n));
    EITHER(EBADF, ENOTDIR, path_remove_directory(fd, NAME("d")));
    EITHER(EBADF, ENOTDIR, path_rename(fd, NAME("f"), ROOT, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_rename(ROOT, NAME("f"), fd, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_symlink(NAME("f"), fd, NAME("x")));
    EITHER(EBADF, ENOTDIR, path_unlink_file(fd, NAME("f")));
    EITHER(EBADF, ENOTDIR, fd_readdir(fd, buffer, sizeof buffer, 0, &n));
}

static void test(void) {
    fd_t fd = create("f"), got;
    make_link("f", "l");
    make_dir("d");
    each(fd);
    for (fd_t std = 0; std < 3; std++) each(std);
    FAILS(ENOTDIR, path_open(fd, 0, NAME("f"), 0, RW, grantable, 0, &got));
    FAILS(ENOENT, stat_errno("x"));
    EQ(stat_of("f").nlink, 1);
}
