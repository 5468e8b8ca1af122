/* Nobody reads stdout any more after five bytes: a short count, and then PIPE. */
#include "../preview1/check.h"

static void test(void) {
    struct ciovec v = {"hello, world", 12};
    size_u32 n = 0;
    OK(fd_write(1, &v, 1, &n));
    EQ(n, 5);
    for (int i = 0; i < 2; i++) FAILS(EPIPE, fd_write(1, &v, 1, &n));
    v.size = 0;
    OK(fd_write(1, &v, 1, &n));
    EQ(n, 0);
}
