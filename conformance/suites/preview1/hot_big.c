/* Large transfers after many small ones: a file of megabytes, blocks of every size across every boundary, in any order. */
#include "hot.h"

enum { BIG = 3 << 20, LARGEST = 200000 };

static uint8_t big[BIG], got[LARGEST];

/* Word by word: this case moves a lot. */
static int equal(const uint8_t *a, const uint8_t *b, size_u32 n) {
    while (n >= 8) {
        uint64_t x, y;
        __builtin_memcpy(&x, a, 8), __builtin_memcpy(&y, b, 8);
        if (x != y) return 0;
        a += 8, b += 8, n -= 8;
    }
    return same(a, b, n);
}

static void test(void) {
    fd_t fd, other;
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    warm();
    fd = create("big"), other = open_rw("big");
    OK(fd_filestat_set_size(fd, BIG));
    for (int round = 0; round < 60; round++) {
        uint32_t size = pick(4) ? pick(LARGEST / 4) : LARGEST, at = pick(BIG - LARGEST), edge = 1u << (12 + pick(9));
        if (round % 3 == 0) at = at / edge * edge - (at >= edge ? pick(3) : 0);
        if (round % 2) {
            /* A pattern every 16 bytes is enough to tell where a byte came from. */
            for (uint32_t i = 0; i < size; i += 16) big[at + i] = (uint8_t)pick(256);
            if (round % 4 == 1) pwrite_all(fd, big + at, size, at);
            else EQ(seek(other, at, SEEK_SET), at), write_all(other, big + at, size), EQ(tell(other), at + size);
        }
        if (round % 4 < 2) EQ(pread_all(other, got, size, at), size);
        else EQ(seek(fd, at, SEEK_SET), at), EQ(read_all(fd, got, size), size), EQ(tell(fd), at + size);
        IS(equal(got, big + at, size));
        hot(30);
    }
    for (uint32_t at = 0; at < BIG; at += LARGEST) {
        size_u32 size = least(LARGEST, BIG - at);
        EQ(pread_all(fd, got, LARGEST, at), size);
        IS(equal(got, big + at, size));
    }
    EQ(stat_of("big").size, BIG);
    OK(fd_filestat_set_size(fd, 0));
    settled("f", &files[0]);
}
