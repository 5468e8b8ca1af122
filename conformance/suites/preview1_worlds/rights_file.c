/* Rights that are enforced: each function on an open file needs its own. */
#include "rights.h"

static fd_t file(void) { return open_with("f", O_CREAT, grantable, 0); }

static void test(void) {
    char data[4];
    struct iovec in = {data, 4};
    struct ciovec out = {"text", 4};
    uint64_t position;
    size_u32 n;
    struct filestat st;
    NEEDS(file(), RIGHT_FD_WRITE, fd_write(fd, &out, 1, &n));
    NEEDS(file(), RIGHT_FD_WRITE, fd_pwrite(fd, &out, 1, 0, &n));
    NEEDS(file(), RIGHT_FD_SEEK, fd_pwrite(fd, &out, 1, 0, &n));
    NEEDS(file(), RIGHT_FD_READ, fd_read(fd, &in, 1, &n));
    NEEDS(file(), RIGHT_FD_READ, fd_pread(fd, &in, 1, 0, &n));
    NEEDS(file(), RIGHT_FD_SEEK, fd_pread(fd, &in, 1, 0, &n));
    NEEDS(file(), RIGHT_FD_SEEK, fd_seek(fd, 1, SEEK_SET, &position));
    NEEDS(file(), RIGHT_FD_TELL | RIGHT_FD_SEEK, fd_tell(fd, &position));
    NEEDS(file(), RIGHT_FD_ADVISE, fd_advise(fd, 0, 4, NORMAL));
    NEEDS(file(), RIGHT_FD_ALLOCATE, fd_allocate(fd, 0, 4));
    NEEDS(file(), RIGHT_FD_SYNC, fd_sync(fd));
    NEEDS(file(), RIGHT_FD_DATASYNC, fd_datasync(fd));
    NEEDS(file(), RIGHT_FD_FDSTAT_SET_FLAGS, fd_fdstat_set_flags(fd, APPEND));
    NEEDS(file(), RIGHT_FD_FILESTAT_GET, fd_filestat_get(fd, &st));
    NEEDS(file(), RIGHT_FD_FILESTAT_SET_SIZE, fd_filestat_set_size(fd, 4));
    NEEDS(file(), RIGHT_FD_FILESTAT_SET_TIMES, fd_filestat_set_times(fd, 1, 1, ATIM | MTIM));
    FILE_IS("f", "text");

    /* Who may seek may also tell: by a move of nothing it is the same. */
    fd_t fd = file();
    without(fd, RIGHT_FD_TELL);
    EQ(tell(fd), 0);
    /* Without any right a descriptor can still be looked at, moved and closed. */
    without(fd, ALL_RIGHTS);
    EQ(rights_of(fd).rights, 0);
    fd_t other = file();
    OK(fd_renumber(fd, other));
    OK(fd_close(other));
}
