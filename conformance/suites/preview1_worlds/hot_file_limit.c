/* Files that may have 16,384 bytes at most, after many calls: a write that would pass that stops there, one that begins there
 * is FBIG, and the offset and the bytes are what was written. */
#include "../preview1/hot.h"

enum { LIMIT = 16384 };

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    struct opened *end = open_hot(file, "f", 0, RW, APPEND);
    most = LIMIT - 4 * BLOCK; /* the mixture stays below: what happens above is looked at here */
    warm();
    for (int round = 0; round < 40; round++) {
        size_u32 n = 77, room = 1 + pick(64);
        struct ciovec v = {block, room + 1 + pick(100)};
        uint64_t at = LIMIT - room;
        for (size_u32 i = 0; i < v.size; i++) block[i] = (uint8_t)(i + (size_u32)round);
        if (round % 3 == 0) {
            OK(fd_pwrite(o->fd, &v, 1, at, &n));
        } else if (round % 3 == 1) {
            EQ(seek(o->fd, (int64_t)at, SEEK_SET), at);
            OK(fd_write(o->fd, &v, 1, &n));
            o->offset = at + room;
        } else {
            resize(file, at);
            OK(fd_filestat_set_size(o->fd, at));
            OK(fd_write(end->fd, &v, 1, &n));
            end->offset = at + room;
        }
        EQ(n, room);
        put(file, at, block, room);
        EQ(file->size, LIMIT);
        hot_stat(o);
        EQ(tell(o->fd), o->offset);
        EQ(tell(end->fd), end->offset);
        FAILS(EFBIG, fd_write(end->fd, &v, 1, &n));
        FAILS(EFBIG, fd_pwrite(o->fd, &v, 1, LIMIT, &n));
        FAILS(EFBIG, fd_pwrite(o->fd, &v, 1, LIMIT + 100, &n));
        FAILS(EFBIG, fd_filestat_set_size(o->fd, LIMIT + 1));
        hot_stat(end);
        for (int i = 0; i < 40; i++) hot_read(&opens[i % 2], i % 3 == 0);
        resize(file, pick(2000));
        OK(fd_filestat_set_size(o->fd, file->size));
        o->offset = end->offset = 0;
        EQ(seek(o->fd, 0, SEEK_SET), 0);
        EQ(seek(end->fd, 0, SEEK_SET), 0);
        hot(ROUND);
    }
    settled("f", file);
}
