/* The largest offset is one at which nothing can be read; behind it there is none. Hosts differ in that; memory has no reason to. */
#include "../preview1/check.h"

static void test(void) {
    char byte = 0;
    struct iovec v = {&byte, 1};
    size_u32 n = 7;
    make_file("f", "text");
    fd_t fd = open_rw("f");
    OK(fd_pread(fd, &v, 1, (uint64_t)INT64_MAX, &n));
    EQ(n, 0);
    FAILS(EINVAL, fd_pread(fd, &v, 1, (uint64_t)INT64_MAX + 1, &n));
    FAILS(EINVAL, fd_pread(fd, &v, 1, ~(uint64_t)0, &n));
    EQ(byte, 0);
}
