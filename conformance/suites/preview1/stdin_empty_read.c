/* A read of no bytes from stdin succeeds with none, before its end as behind it. */
#include "check.h"

static void test(void) {
    uint8_t byte = 0xee;
    struct iovec v[] = {{&byte, 0}, {&byte, 0}};
    size_u32 n = 77;
    OK(fd_read(0, v, 1, &n));
    EQ(n, 0);
    OK(fd_read(0, v, 2, &n));
    EQ(n, 0);
    EQ(read_all(0, &byte, 1), 0);
    n = 77;
    OK(fd_read(0, v, 1, &n));
    EQ(n, 0);
    EQ(byte, 0xee);
}
