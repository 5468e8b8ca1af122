/* Bytes are written far out between many calls near the beginning: gibibytes of zeros lie between, the descriptor can be
 * out there while others are here, and all of it goes when the file is cut. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    char got[16];
    warm();
    fd_t far = open_rw("f");
    for (int round = 0; round < 30; round++) {
        uint64_t near = file->size, at = ((uint64_t)1 << (20 + round % 14)) + pick(5000);
        EQ(seek(far, (int64_t)at, SEEK_SET), at);
        EQ(read_all(far, got, 16), 0);
        write_all(far, "far", 3);
        EQ(tell(far), at + 3);
        EQ(stat_of_fd(o->fd).size, at + 3);
        /* What the model knows ends at `near`; behind it there are zeros as far as the last three bytes. */
        for (int i = 0; i < 60; i++) {
            uint64_t where = near + pick((uint32_t)(at - near > 1 << 30 ? 1 << 30 : at - near - 16));
            EQ(pread_all(i % 2 ? far : o->fd, got, 16, where), 16);
            IS(all(got, 0, 16));
        }
        EQ(pread_all(o->fd, got, 16, at - 2), 5);
        IS(same(got, "\0\0far", 5));
        EQ(seek(o->fd, -3, SEEK_END), at);
        EQ(read_all(o->fd, got, 16), 3);
        EQ(seek(o->fd, 0, SEEK_SET), 0);
        o->offset = 0;
        OK(fd_filestat_set_size(round % 2 ? far : o->fd, near));
        EQ(read_all(far, got, 16), 0); /* still out there, behind the end */
        EQ(tell(far), at + 3);
        hot(ROUND);
    }
    settled("f", file);
}
