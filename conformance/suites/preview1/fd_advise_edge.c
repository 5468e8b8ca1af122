/* fd_advise at the edge: the largest length that a file can have is a length, one more is none. Any offset will do. */
#include "check.h"

static void test(void) {
    fd_t fd = create("f");
    OK(fd_advise(fd, 0, INT64_MAX, NORMAL));
    OK(fd_advise(fd, INT64_MAX, 0, NORMAL));
    FAILS(EINVAL, fd_advise(fd, 0, (uint64_t)INT64_MAX + 1, NORMAL));
}
