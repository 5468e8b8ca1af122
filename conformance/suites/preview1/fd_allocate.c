/* fd_allocate: wasmtime no longer has it (NOTSUP). Where it is there it grows the file and keeps the data. */
#include "check.h"

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    int error = fd_allocate(fd, 2, 10);
    EITHER(ENOTSUP, SUCCESS, error);
    if (error) {
        FILE_IS("f", "abc");
    } else {
        IS(file_is("f", "abc\0\0\0\0\0\0\0\0\0", 12));
        OK(fd_allocate(fd, 0, 1));
        EQ(stat_of("f").size, 12);
        /* POSIX lets a host refuse nothing at all, or do it. */
        EITHER(EINVAL, SUCCESS, fd_allocate(fd, 0, 0));
        EITHER(EFBIG, EINVAL, fd_allocate(fd, (uint64_t)1 << 62, (uint64_t)1 << 62));
        EITHER(EBADF, ENOTCAPABLE, fd_allocate(open_with("f", 0, RO, 0), 0, 20));
    }
    EQ(tell(fd), 3);
    FAILS(EBADF, fd_allocate(NO_FD, 0, 1));
    for (fd_t std = 0; std < 3; std++) ONE_OF(EBADF, ESPIPE, ENODEV, fd_allocate(std, 0, 1));
}
