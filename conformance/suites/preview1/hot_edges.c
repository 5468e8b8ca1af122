/* The outermost arguments, again after many calls: no buffers, empty ones anywhere, positions at the limits, numbers that no
 * descriptor has. Nothing that fails changes anything. */
#include "hot.h"

#define FARTHEST INT64_MAX

static void nowhere(fd_t fd) {
    struct iovec v = {block, 4};
    struct ciovec c = {block, 4};
    struct filestat st;
    struct fdstat fs;
    uint64_t position;
    size_u32 n = 77;
    FAILS(EBADF, fd_read(fd, &v, 1, &n));
    FAILS(EBADF, fd_write(fd, &c, 1, &n));
    FAILS(EBADF, fd_pread(fd, &v, 1, 0, &n));
    FAILS(EBADF, fd_pwrite(fd, &c, 1, 0, &n));
    FAILS(EBADF, fd_seek(fd, 0, SEEK_SET, &position));
    FAILS(EBADF, fd_tell(fd, &position));
    FAILS(EBADF, fd_filestat_get(fd, &st));
    FAILS(EBADF, fd_fdstat_get(fd, &fs));
}

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    uint8_t *end = (uint8_t *)(__builtin_wasm_memory_size(0) << 16);
    warm();
    for (int round = 0; round < 20; round++) {
        struct iovec v = {block, 4};
        struct ciovec c = {"text", 4};
        uint64_t position = 7;
        size_u32 n = 77;
        nowhere(NO_FD);
        nowhere(0x7fffffff);
        nowhere(0xffffffff);
        nowhere(0x80000000 + o->fd);
        nowhere(0x10000 + o->fd);

        /* Nothing to move. */
        OK(fd_read(o->fd, &v, 0, &n));
        EQ(n, 0);
        OK(fd_pwrite(o->fd, &c, 0, file->size + 10, &n));
        EQ(n, 0);
        struct iovec nothing[] = {{end, 0}, {block, 0}, {0, 0}};
        n = 77;
        OK(fd_read(o->fd, nothing, 3, &n));
        EQ(n, 0);
        n = 77;
        OK(fd_write(o->fd, (struct ciovec *)nothing, 3, &n));
        EQ(n, 0);
        hot_stat(o);

        /* At the first bytes and the last ones of the memory. */
        v.data = end - 4;
        put(file, 20, (const uint8_t *)"text", 4);
        pwrite_all(o->fd, "text", 4, 20);
        OK(fd_pread(o->fd, &v, 1, 20, &n));
        EQ(n, 4);
        IS(same(end - 4, "text", 4));
        OK(fd_tell(o->fd, (uint64_t *)(end - 8)));
        EQ(*(uint64_t *)(end - 8), o->offset);

        /* The limits of positions. */
        EQ(seek(o->fd, FARTHEST, SEEK_SET), FARTHEST);
        EITHER(EINVAL, EFBIG, fd_write(o->fd, &c, 1, &n));
        FAILS(EINVAL, fd_seek(o->fd, -1, SEEK_SET, &position));
        FAILS(EINVAL, fd_seek(o->fd, INT64_MIN, SEEK_SET, &position));
        FAILS(EINVAL, fd_seek(o->fd, -(int64_t)file->size - 1, SEEK_END, &position));
        EQ(tell(o->fd), FARTHEST);
        EQ(seek(o->fd, -FARTHEST, SEEK_CUR), 0);
        FAILS(EINVAL, fd_seek(o->fd, -1, SEEK_CUR, &position));
        EQ(seek(o->fd, (int64_t)1 << 40, SEEK_SET), (int64_t)1 << 40);
        OK(fd_read(o->fd, &v, 1, &n));
        EQ(n, 0);
        EQ(seek(o->fd, (int64_t)o->offset, SEEK_SET), o->offset);
        FAILS(EINVAL, fd_pread(o->fd, &v, 1, ~(uint64_t)0, &n));
        FAILS(EINVAL, fd_pwrite(o->fd, &c, 1, (uint64_t)1 << 63, &n));
        EITHER(EFBIG, EINVAL, fd_pwrite(o->fd, &c, 1, (uint64_t)1 << 62, &n));
        hot_stat(o);
        hot(ROUND);
    }
    settled("f", file);
}
