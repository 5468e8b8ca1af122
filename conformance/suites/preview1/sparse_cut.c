/* A file with big holes, cut in the middle of what is stored, at round places and near its start: what grows back is zeros. */
#include "check.h"

enum { FAR = 4 << 20, MUCH = 200000, STEP = 1 << 16 };
static uint8_t block[MUCH + 1];

static int piece(fd_t fd, uint64_t from, uint64_t to, uint8_t value) {
    uint8_t got[16];
    size_u32 n = to - from < 16 ? (size_u32)(to - from) : 16;
    memset(got, value + 1, 16);
    return pread_all(fd, got, n, from) == n && all(got, value, n);
}

/* From `from` up to `to` there is `value` alone, as far as pieces at both ends and at each 4 KiB tell. */
static int only(fd_t fd, uint64_t from, uint64_t to, uint8_t value) {
    if (!piece(fd, from, to, value) || !piece(fd, to - from < 16 ? from : to - 16, to, value)) return 0;
    for (uint64_t at = (from / 4096 + 1) * 4096; at < to; at += 4096)
        if (!piece(fd, at, to, value)) return 0;
    return 1;
}

static void cut(fd_t fd, uint64_t size) {
    OK(fd_filestat_set_size(fd, size));
    EQ(stat_of_fd(fd).size, size);
    EQ(pread_all(fd, block, 16, size), 0);
    EQ(pread_all(fd, block, 16, size - 2), 2);
}

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "start", 5);
    memset(block, 'p', MUCH);
    pwrite_all(fd, block, MUCH, FAR + 100);
    EQ(stat_of_fd(fd).size, FAR + 100 + MUCH);
    IS(only(fd, 5, FAR + 100, 0));
    IS(only(fd, FAR + 100, FAR + 100 + MUCH, 'p'));

    cut(fd, FAR + 70001);
    OK(fd_filestat_set_size(fd, 2 * FAR));
    IS(only(fd, FAR + 100, FAR + 70001, 'p'));
    IS(only(fd, FAR + 70001, 2 * FAR, 0));

    cut(fd, FAR + STEP);
    OK(fd_filestat_set_size(fd, 2 * FAR));
    IS(only(fd, FAR + 100, FAR + STEP, 'p'));
    IS(only(fd, FAR + STEP, 2 * FAR, 0));

    /* What is between two pieces stays a hole, and a piece can be laid over another. */
    memset(block, 'q', MUCH);
    pwrite_all(fd, block, MUCH, 2 * FAR - 1);
    pwrite_all(fd, "r", 1, FAR + 101);
    IS(only(fd, FAR + 100, FAR + 101, 'p') && only(fd, FAR + 101, FAR + 102, 'r') && only(fd, FAR + 102, FAR + STEP, 'p'));
    IS(only(fd, FAR + STEP, 2 * FAR - 1, 0));
    IS(only(fd, 2 * FAR - 1, 2 * FAR - 1 + MUCH, 'q'));
    IS(only(fd, 5, FAR + 100, 0));

    cut(fd, 3);
    OK(fd_filestat_set_size(fd, FAR + STEP));
    EQ(pread_all(fd, block, 8, 0), 8);
    IS(same(block, "sta\0\0\0\0\0", 8));
    IS(only(fd, 3, FAR + STEP, 0));
    struct iovec v[] = {{block, 2}, {block + 2, 0}, {block + 2, 4}};
    size_u32 n = 0;
    OK(fd_pread(fd, v, 3, 1, &n));
    IS(n >= 2 && same(block, "ta", 2));
    OK(fd_pread(fd, v, 3, FAR + STEP - 1, &n));
    EQ(n, 1);
    OK(fd_filestat_set_size(fd, 0));
}
