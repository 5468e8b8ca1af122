/* Every function that takes a descriptor says BADF for numbers that aren't open: never, no longer, out of range. */
#include "check.h"

static void each(fd_t fd) {
    char buffer[64];
    struct iovec in = {buffer, 8};
    struct ciovec out = {buffer, 8};
    struct fdstat fs;
    struct filestat st;
    struct prestat pre;
    uint64_t at;
    size_u32 n;
    fd_t got;
    FAILS(EBADF, fd_advise(fd, 0, 0, NORMAL));
    FAILS(EBADF, fd_allocate(fd, 0, 1));
    FAILS(EBADF, fd_close(fd));
    FAILS(EBADF, fd_datasync(fd));
    FAILS(EBADF, fd_fdstat_get(fd, &fs));
    FAILS(EBADF, fd_fdstat_set_flags(fd, 0));
    FAILS(EBADF, fd_fdstat_set_rights(fd, 0, 0));
    FAILS(EBADF, fd_filestat_get(fd, &st));
    FAILS(EBADF, fd_filestat_set_size(fd, 0));
    FAILS(EBADF, fd_filestat_set_times(fd, 0, 0, 0));
    FAILS(EBADF, fd_pread(fd, &in, 1, 0, &n));
    FAILS(EBADF, fd_prestat_get(fd, &pre));
    FAILS(EBADF, fd_prestat_dir_name(fd, buffer, sizeof buffer));
    FAILS(EBADF, fd_pwrite(fd, &out, 1, 0, &n));
    FAILS(EBADF, fd_read(fd, &in, 1, &n));
    FAILS(EBADF, fd_readdir(fd, buffer, sizeof buffer, 0, &n));
    FAILS(EBADF, fd_renumber(fd, ROOT));
    FAILS(EBADF, fd_renumber(ROOT, fd));
    FAILS(EBADF, fd_renumber(fd, fd));
    FAILS(EBADF, fd_seek(fd, 0, SEEK_SET, &at));
    FAILS(EBADF, fd_sync(fd));
    FAILS(EBADF, fd_tell(fd, &at));
    FAILS(EBADF, fd_write(fd, &out, 1, &n));
    FAILS(EBADF, path_create_directory(fd, NAME("x")));
    FAILS(EBADF, path_filestat_get(fd, 0, NAME("f"), &st));
    FAILS(EBADF, path_filestat_set_times(fd, 0, NAME("f"), 0, 0, 0));
    FAILS(EBADF, path_link(fd, 0, NAME("f"), ROOT, NAME("x")));
    FAILS(EBADF, path_link(ROOT, 0, NAME("f"), fd, NAME("x")));
    FAILS(EBADF, path_open(fd, 0, NAME("f"), 0, RW, 0, 0, &got));
    FAILS(EBADF, path_readlink(fd, NAME("f"), buffer, sizeof buffer, &n));
    FAILS(EBADF, path_remove_directory(fd, NAME("f")));
    FAILS(EBADF, path_rename(fd, NAME("f"), ROOT, NAME("x")));
    FAILS(EBADF, path_rename(ROOT, NAME("f"), fd, NAME("x")));
    FAILS(EBADF, path_symlink(NAME("f"), fd, NAME("x")));
    FAILS(EBADF, path_unlink_file(fd, NAME("f")));
}

static void test(void) {
    fd_t fd = create("f");
    each(fd + 1);
    each(NO_FD);
    each(0x7fffffff);
    each(0xffffffff);
    OK(fd_close(fd));
    each(fd);
    EQ(stat_of("f").size, 0);
    FAILS(ENOENT, stat_errno("x"));
}
