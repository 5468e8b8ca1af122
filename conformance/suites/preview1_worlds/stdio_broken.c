/* A terminal that is gone: what was there is read and written, and then there is IO. */
#include "../preview1/check.h"

static void test(void) {
    char data[8];
    struct iovec in = {data, 8};
    struct ciovec out = {"abcdef", 6};
    size_u32 n = 0;
    EQ(read_all(0, data, 2), 2);
    FAILS(EIO, fd_read(0, &in, 1, &n));
    OK(fd_write(1, &out, 1, &n));
    EQ(n, 3);
    FAILS(EIO, fd_write(1, &out, 1, &n));
    OK(fd_close(0));
    OK(fd_close(1));
}
