/* Descriptors change their numbers between many calls: the number that is left is closed, the one that is taken is another
 * file from then on, with the offset that came along. */
#include "hot.h"

static void test(void) {
    struct filestat st;
    struct iovec v = {block, 1};
    size_u32 n;
    for (int i = 0; i < 3; i++) open_hot(&files[i], (const char *[]){"f", "g", "h"}[i], O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 45; round++) {
        struct opened *o = &opens[round % 3], *target = &opens[(round + 1 + pick(2)) % 3];
        fd_t left = o->fd, moved = target->fd;
        /* The target's file is opened again, or nothing would be left of it. */
        const char *name = target->file == &files[0] ? "f" : target->file == &files[1] ? "g" : "h";
        fd_t again = open_rw(name);
        OK(fd_renumber(left, moved));
        FAILS(EBADF, fd_read(left, &v, 1, &n));
        FAILS(EBADF, fd_filestat_get(left, &st));
        o->fd = moved;
        target->fd = again, target->offset = 0, target->flags = 0;
        EQ(tell(o->fd), o->offset);
        hot_stat(o);
        hot_stat(target);
        hot(ROUND);
        OK(fd_renumber(o->fd, o->fd));
    }
    settled("f", &files[0]);
    settled("g", &files[1]);
    settled("h", &files[2]);
}
