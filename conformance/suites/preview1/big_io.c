/* A megabyte in one call each way, at odd addresses: counts may be short, the bytes must not be. */
#include "check.h"

enum { SIZE = (1 << 20) + 13 };
static uint8_t out[SIZE + 3], in[SIZE + 3];

static void test(void) {
    uint32_t x = 1;
    fd_t fd = create("f");
    for (size_u32 i = 0; i < SIZE; i++) x = x * 1103515245 + 12345, out[i + 3] = (uint8_t)(x >> 16);
    write_all(fd, out + 3, SIZE);
    EQ(tell(fd), SIZE);
    EQ(stat_of("f").size, SIZE);
    seek(fd, 0, SEEK_SET);
    EQ(read_all(fd, in + 1, SIZE), SIZE);
    IS(same(in + 1, out + 3, SIZE));
    IS(in[0] == 0 && in[SIZE + 1] == 0);
    memset(in, 0, sizeof in);
    EQ(pread_all(fd, in + 2, SIZE, 0), SIZE);
    IS(same(in + 2, out + 3, SIZE));
    pwrite_all(fd, out + 3, SIZE, SIZE);
    EQ(stat_of("f").size, 2 * SIZE);
    EQ(pread_all(fd, in, SIZE, SIZE), SIZE);
    IS(same(in, out + 3, SIZE));
}
