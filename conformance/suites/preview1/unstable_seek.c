/* wasi_unstable's whence begins with CUR: 0 is the offset, 1 the end, 2 the start. */
#define WASI_UNSTABLE
#include "check.h"

static void test(void) {
    uint64_t at = 0;
    fd_t fd = create("f");
    write_all(fd, "0123456789", 10);
    EQ(seek(fd, 4, 2), 4);
    EQ(seek(fd, 3, 0), 7);
    EQ(seek(fd, -1, 0), 6);
    EQ(seek(fd, -2, 1), 8);
    EQ(seek(fd, 0, 1), 10);
    EQ(tell(fd), 10);
    FAILS(EINVAL, fd_seek(fd, -11, 0, &at));
    FAILS(EINVAL, fd_seek(fd, -11, 1, &at));
    FAILS(EINVAL, fd_seek(fd, -1, 2, &at));
    EQ(tell(fd), 10);
    FAILS(ESPIPE, fd_seek(1, 0, 2, &at));
    FAILS(EBADF, fd_seek(NO_FD, 0, 2, &at));
}
