/* fd_sync and fd_datasync: on files in any mode; stdio isn't a file. */
#include "check.h"

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    fd = open_with("f", 0, RO, 0);
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    fd = open_with("f", 0, WO, 0);
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    FAILS(EBADF, fd_sync(NO_FD));
    FAILS(EBADF, fd_datasync(NO_FD));
    /* POSIX: INVAL for something that can't be synchronised. */
    for (fd_t std = 0; std < 3; std++) {
        EITHER(EBADF, EINVAL, fd_sync(std));
        EITHER(EBADF, EINVAL, fd_datasync(std));
    }
    FILE_IS("f", "abc");
}
