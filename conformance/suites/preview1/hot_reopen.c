/* A descriptor is closed between many calls, and its number comes back as that of another file, in another mode. */
#include "hot.h"

static const char *const names[] = {"f", "g", "h"};

static void closed(fd_t fd) {
    struct iovec v = {block, 1};
    struct ciovec c = {block, 1};
    struct fdstat fs;
    struct filestat st;
    uint64_t position;
    size_u32 n;
    FAILS(EBADF, fd_read(fd, &v, 1, &n));
    FAILS(EBADF, fd_write(fd, &c, 1, &n));
    FAILS(EBADF, fd_pread(fd, &v, 1, 0, &n));
    FAILS(EBADF, fd_pwrite(fd, &c, 1, 0, &n));
    FAILS(EBADF, fd_seek(fd, 0, SEEK_CUR, &position));
    FAILS(EBADF, fd_tell(fd, &position));
    FAILS(EBADF, fd_filestat_get(fd, &st));
    FAILS(EBADF, fd_fdstat_get(fd, &fs));
    FAILS(EBADF, fd_close(fd));
}

static void test(void) {
    for (int i = 0; i < 3; i++) open_hot(&files[i], names[i], O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 48; round++) {
        struct opened *o = &opens[pick(opened_count)];
        fd_t fd = o->fd;
        uint32_t which = pick(3);
        close_hot(o);
        closed(fd);
        o = open_hot(&files[which], names[which], 0, round % 4 == 1 ? RO : round % 4 == 2 ? WO : RW, pick(3) ? 0 : APPEND);
        EQ(tell(o->fd), 0);
        hot_read(o, 0);
        hot_write(o, 0);
        hot(ROUND);
    }
    for (int i = 0; i < 3; i++) settled(names[i], &files[i]);
}
