/* The largest offset is one at which nothing can be read; behind it there is none. That holds also where no file may be so long:
 * it can't be written there. Hosts differ in that; memory has no reason to. */
#include "../preview1/check.h"

enum { MOST = 1 << 16 };

static void test(void) {
    char byte = 0;
    struct iovec v = {&byte, 1};
    struct ciovec w = {"x", 1};
    size_u32 n = 7;
    make_file("f", "text");
    fd_t fd = open_rw("f");
    OK(fd_pread(fd, &v, 1, (uint64_t)INT64_MAX, &n));
    EQ(n, 0);
    FAILS(EINVAL, fd_pread(fd, &v, 1, (uint64_t)INT64_MAX + 1, &n));
    FAILS(EINVAL, fd_pread(fd, &v, 1, ~(uint64_t)0, &n));
    EQ(byte, 0);
    FAILS(EFBIG, fd_pwrite(fd, &w, 1, (uint64_t)INT64_MAX - 1, &n));
    FAILS(EFBIG, fd_pwrite(fd, &w, 1, MOST, &n));
    EQ(stat_of_fd(fd).size, 4);
    OK(fd_pwrite(fd, &w, 1, MOST - 1, &n));
    EQ(n, 1);
    n = 7;
    OK(fd_pread(fd, &v, 1, MOST, &n));
    EQ(n, 0);
    EQ(stat_of_fd(fd).size, MOST);
}
