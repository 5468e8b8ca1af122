/* An offset has 64 bits where a host lets it grow beyond what a file can have: never more, and never less than 0. */
#include "check.h"

static void test(void) {
    uint64_t at = 0;
    fd_t fd = create("f");
    EQ(seek(fd, INT64_MAX, SEEK_SET), INT64_MAX);
    int error = fd_seek(fd, INT64_MAX, SEEK_CUR, &at);
    if (error) { /* one that keeps it signed */
        EITHER(EINVAL, EOVERFLOW, error);
        EQ(tell(fd), INT64_MAX);
        return;
    }
    EQ(at, ~(uint64_t)1);
    FAILS(EINVAL, fd_seek(fd, 2, SEEK_CUR, &at));
    EQ(tell(fd), ~(uint64_t)1);
    EQ(seek(fd, 1, SEEK_CUR), ~(uint64_t)0);
    FAILS(EINVAL, fd_seek(fd, 1, SEEK_CUR, &at));
    EQ(tell(fd), ~(uint64_t)0);
    EQ(seek(fd, -1, SEEK_CUR), ~(uint64_t)1);
    EQ(seek(fd, INT64_MIN, SEEK_CUR), INT64_MAX - 1);
    FAILS(EINVAL, fd_seek(fd, -INT64_MAX, SEEK_CUR, &at));
    EQ(seek(fd, 1 - INT64_MAX, SEEK_CUR), 0);
}
