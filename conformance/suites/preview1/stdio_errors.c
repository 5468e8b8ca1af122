/* Stdio has no offset and a direction: SPIPE for positions, BADF for the wrong way. */
#include "check.h"

static void test(void) {
    char buffer[4];
    struct iovec in = {buffer, 4};
    struct ciovec out = {buffer, 4};
    uint64_t at;
    size_u32 n;
    for (fd_t fd = 0; fd < 3; fd++) {
        for (uint32_t whence = 0; whence < 3; whence++) FAILS(ESPIPE, fd_seek(fd, 0, whence, &at));
        FAILS(ESPIPE, fd_tell(fd, &at));
    }
    FAILS(ESPIPE, fd_pread(0, &in, 1, 0, &n));
    FAILS(EBADF, fd_write(0, &out, 1, &n));
    EITHER(EBADF, ESPIPE, fd_pwrite(0, &out, 1, 0, &n));
    for (fd_t fd = 1; fd < 3; fd++) {
        FAILS(EBADF, fd_read(fd, &in, 1, &n));
        EITHER(EBADF, ESPIPE, fd_pread(fd, &in, 1, 0, &n));
        EITHER(ESPIPE, EBADF, fd_pwrite(fd, &out, 1, 0, &n));
    }
}
