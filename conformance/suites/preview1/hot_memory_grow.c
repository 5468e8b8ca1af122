/* The memory grows between many calls, and buffers, vectors and results lie where it ended a moment ago, or across it. */
#include "hot.h"

enum { PAGE = 1 << 16 };

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 40; round++) {
        size_t before = __builtin_wasm_memory_grow(0, 1 + round % 3);
        IS(before != (size_t)-1);
        uint8_t *edge = (uint8_t *)(before * PAGE);
        uint8_t *end = (uint8_t *)(__builtin_wasm_memory_size(0) * PAGE);

        /* Written from there, half before the old end and half behind it; read to the last bytes that there are now. */
        for (int i = -32; i < 32; i++) edge[i] = (uint8_t)(i + round);
        pwrite_all(o->fd, edge - 32, 64, 100);
        put(file, 100, edge - 32, 64);
        EQ(pread_all(o->fd, end - 64, 64, 100), 64);
        IS(same(end - 64, file->data + 100, 64));

        /* The vector, the count and a position at the end as well. */
        struct iovec *v = (struct iovec *)(end - 128);
        size_u32 *n = (size_u32 *)(end - 100);
        uint64_t *position = (uint64_t *)(end - 8);
        v->data = edge, v->size = 64, *n = 0;
        OK(fd_pread(o->fd, v, 1, 100, n));
        EQ(*n, 64);
        IS(same(edge, file->data + 100, 64));
        OK(fd_seek(o->fd, 3, SEEK_SET, position));
        EQ(*position, 3);
        o->offset = 3;
        hot(ROUND);
    }
    settled("f", file);
}
