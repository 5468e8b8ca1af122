/* The append flag is set and cleared between many calls: each write goes where the flag of that moment says. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    struct opened *end = open_hot(file, "f", 0, RW, APPEND);
    for (int round = 0; round < 48; round++) {
        o->flags ^= APPEND;
        OK(fd_fdstat_set_flags(o->fd, o->flags));
        if (round % 6 == 5) {
            end->flags ^= APPEND;
            OK(fd_fdstat_set_flags(end->fd, end->flags));
        }
        hot_fdstat(o);
        hot_write(o, 0);
        hot_write(end, 0);
        hot_write(o, 1);
        hot(ROUND);
        if (file->size > ROOM - 3000) {
            resize(file, pick(1000));
            OK(fd_filestat_set_size(end->fd, file->size));
        }
    }
    settled("f", file);
}
