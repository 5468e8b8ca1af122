/* Writing past the end leaves a hole that reads as zeros, by fd_seek and fd_write, and by fd_pwrite. */
#include "check.h"

enum { FAR = 1 << 20 };
static uint8_t block[4096];

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "start", 5);
    EQ(seek(fd, FAR, SEEK_SET), FAR);
    EQ(stat_of_fd(fd).size, 5);
    write_all(fd, "end", 3);
    EQ(stat_of_fd(fd).size, FAR + 3);
    EQ(stat_of("f").size, FAR + 3);
    EQ(tell(fd), FAR + 3);

    EQ(pread_all(fd, block, 4096, 0), 4096);
    IS(same(block, "start", 5) && all(block + 5, 0, 4091));
    for (uint64_t at = 4096; at < FAR; at += 4096) {
        EQ(pread_all(fd, block, 4096, at), 4096);
        IS(all(block, 0, 4096));
    }
    EQ(pread_all(fd, block, 4096, FAR), 3);
    IS(same(block, "end", 3));

    pwrite_all(fd, "mid", 3, FAR / 2);
    EQ(pread_all(fd, block, 5, FAR / 2 - 1), 5);
    IS(same(block, "\0mid\0", 5));
    EQ(stat_of_fd(fd).size, FAR + 3);

    /* Beyond 4 GiB: sizes and offsets are 64 bits wide. */
    pwrite_all(fd, "x", 1, (uint64_t)5 << 30);
    EQ(stat_of_fd(fd).size, ((uint64_t)5 << 30) + 1);
    EQ(pread_all(fd, block, 8, ((uint64_t)5 << 30) - 1), 2);
    IS(same(block, "\0x", 2));
    OK(fd_filestat_set_size(fd, 0));
}
