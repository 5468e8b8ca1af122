/* /dev/null, /dev/zero and files take each other's numbers after many calls: each is what it is under any number. */
#include "../preview1/hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 30; round++) {
        uint8_t data[40];
        uint64_t position, offset = o->offset;
        fd_t number = o->fd, null = open_rw("dev/null"), zero = open_rw("dev/zero");
        o->fd = open_rw("f");
        EQ(seek(o->fd, (int64_t)offset, SEEK_SET), offset);
        OK(fd_renumber(round % 2 ? null : zero, number));
        *(round % 2 ? &null : &zero) = number;
        for (int i = 0; i < 20; i++) {
            memset(data, 'x', sizeof data);
            EQ(read_all(zero, data, 40), 40);
            IS(all(data, 0, 40));
            EQ(read_all(null, data, 40), 0);
            write_all(null, data, 40);
            write_all(zero, data, 40);
            FAILS(ESPIPE, fd_seek(number, 0, SEEK_SET, &position));
            EQ(stat_of_fd(number).type, CHARACTER_DEVICE);
            hot(8);
        }
        OK(fd_close(null));
        OK(fd_close(zero));
    }
    settled("f", file);
}
