/* A file that is cut and stretched between many calls: by this descriptor, by another one, and by opening it. What was cut
 * off reads as zeros when the file grows over it again. */
#include "hot.h"

static void test(void) {
    fd_t other;
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    other = open_rw("f");
    for (int round = 0; round < 48; round++) {
        uint64_t size = pick(8) ? pick(ROOM / 2) : 0;
        if (round % 3 == 0) OK(fd_filestat_set_size(o->fd, size));
        else if (round % 3 == 1) OK(fd_filestat_set_size(other, size));
        else OK(open_errno("f", O_TRUNC, RW, 0)), size = 0;
        resize(file, size);
        hot_stat(o);
        hot_read(o, 0); /* where the end may have passed it by */
        hot_write(o, 0);
        hot(ROUND);
    }
    whole(other, file);
    settled("f", file);
}
