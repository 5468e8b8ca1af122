/* Files take the places of stdin, stdout and stderr after many calls: then those numbers seek, tell and read as files do. */
#include "hot.h"

static void test(void) {
    uint64_t position;
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    open_hot(&files[1], "g", O_CREAT, RW, 0);
    open_hot(&files[2], "h", O_CREAT, RW, APPEND);
    warm();
    for (fd_t std = 0; std < 3; std++) {
        char byte;
        for (int i = 0; i < 300; i++) { /* an empty stdin ends, time after time */
            if (!std) EQ(read_all(0, &byte, 1), 0);
            FAILS(ESPIPE, fd_seek(std, 0, SEEK_SET, &position));
        }
        struct opened *o = &opens[std];
        OK(fd_renumber(o->fd, std));
        FAILS(EBADF, fd_tell(o->fd, &position));
        o->fd = std;
        EQ(tell(std), o->offset);
        hot(4 * ROUND);
    }
    hot(8 * ROUND);
    settled("f", &files[0]);
    settled("g", &files[1]);
    settled("h", &files[2]);
}
