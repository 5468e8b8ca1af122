/* fd_seek from the start, the offset and the end; fd_tell agrees; a failed seek moves nothing. */
#include "check.h"

static void test(void) {
    uint64_t at = 77;
    fd_t fd = create("f"), other;
    EQ(tell(fd), 0);
    write_all(fd, "0123456789", 10);

    EQ(seek(fd, 4, SEEK_SET), 4);
    EQ(seek(fd, 3, SEEK_CUR), 7);
    EQ(seek(fd, -2, SEEK_CUR), 5);
    EQ(seek(fd, 0, SEEK_CUR), 5);
    EQ(seek(fd, 0, SEEK_END), 10);
    EQ(seek(fd, -3, SEEK_END), 7);
    EQ(seek(fd, 5, SEEK_END), 15);
    EQ(tell(fd), 15);
    EQ(stat_of_fd(fd).size, 10);

    FAILS(EINVAL, fd_seek(fd, -1, SEEK_SET, &at));
    FAILS(EINVAL, fd_seek(fd, -16, SEEK_CUR, &at));
    FAILS(EINVAL, fd_seek(fd, -11, SEEK_END, &at));
    FAILS(EINVAL, fd_seek(fd, INT64_MIN, SEEK_SET, &at));
    FAILS(EINVAL, fd_seek(fd, INT64_MIN, SEEK_CUR, &at));
    FAILS(EINVAL, fd_seek(fd, INT64_MIN, SEEK_END, &at));
    EQ(at, 77);
    EQ(tell(fd), 15);
    EQ(seek(fd, -15, SEEK_CUR), 0);
    EQ(seek(fd, -10, SEEK_END), 0);

    /* Each open has an offset of its own. */
    other = open_rw("f");
    EQ(seek(other, 8, SEEK_SET), 8);
    EQ(tell(fd), 0);
}
