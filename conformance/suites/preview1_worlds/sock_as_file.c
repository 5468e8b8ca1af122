/* What descriptors can do, asked of sockets: they have no offsets, no size, nothing to allocate or to sync, no entries. */
#include "sock.h"

static void each(fd_t fd) {
    char data[8] = {0};
    struct iovec in = {data, 8};
    struct ciovec out = {data, 8};
    uint64_t position;
    struct prestat pre;
    fd_t opened = NO_FD;
    FAILS(ESPIPE, fd_seek(fd, 0, SEEK_SET, &position));
    FAILS(ESPIPE, fd_tell(fd, &position));
    FAILS(ESPIPE, fd_pread(fd, &in, 1, 0, &moved));
    FAILS(ESPIPE, fd_pwrite(fd, &out, 1, 0, &moved));
    FAILS(ESPIPE, fd_advise(fd, 0, 1, NORMAL));
    EITHER(ENODEV, ESPIPE, fd_allocate(fd, 0, 1));
    FAILS(EINVAL, fd_filestat_set_size(fd, 1));
    FAILS(EINVAL, fd_sync(fd));
    FAILS(EINVAL, fd_datasync(fd));
    EITHER(EBADF, ENOTDIR, fd_readdir(fd, data, 8, 0, &moved));
    FAILS(EBADF, fd_prestat_get(fd, &pre));
    EITHER(EBADF, ENOTDIR, path_open(fd, 0, NAME("f"), 0, RO, 0, 0, &opened));
    FAILS(EINVAL, fd_fdstat_set_flags(fd, SYNC));
    EQ(stat_of_fd(fd).type, SOCKET_STREAM);
}

static void test(void) {
    each(LISTENER);
    fd_t fd = accept_next(0), other = accept_next(0);
    each(fd);
    /* A socket moves onto another number, and what was there is closed. */
    OK(fd_renumber(other, fd));
    FAILS(EBADF, fd_close(other));
    RECEIVES(fd, "second", 0);
}
