/* fd_allocate, and syncing and advice, between many calls: where there is allocation it makes a file longer, never shorter,
 * and the rest changes nothing. Where there is none, the size is set, so that all hosts go on with the same file. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    most = ROOM / 2;
    warm();
    for (int round = 0; round < 48; round++) {
        uint64_t at = pick(ROOM / 2), size = 1 + pick(ROOM / 2);
        if (round % 12 == 11) {
            OK(fd_filestat_set_size(o->fd, 100));
            resize(file, 100);
        }
        int error = fd_allocate(o->fd, at, size);
        EITHER(SUCCESS, ENOTSUP, error);
        if (!error) EQ(stat_of_fd(o->fd).size, at + size > file->size ? at + size : file->size);
        if (at + size > file->size) resize(file, at + size);
        OK(fd_filestat_set_size(o->fd, file->size));
        hot_stat(o);
        OK(round % 2 ? fd_sync(o->fd) : fd_datasync(o->fd));
        OK(fd_advise(o->fd, 0, 0, (uint32_t)round % 6));
        hot_stat(o);
        EQ(tell(o->fd), o->offset);
        hot(ROUND);
    }
    settled("f", file);
}
