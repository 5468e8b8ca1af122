/* Offsets at the limits: the biggest is accepted by a seek, and what lies past a signed offset fails everywhere. */
#include "check.h"

#define MOST INT64_MAX

static void test(void) {
    char byte = 'x';
    struct iovec in = {&byte, 1};
    struct ciovec out = {&byte, 1};
    uint64_t at = 0;
    size_u32 n = 77;
    fd_t fd = create("f");
    write_all(fd, "abc", 3);

    EQ(seek(fd, MOST, SEEK_SET), MOST);
    /* Linux reads at most up to the biggest offset and calls this range invalid; elsewhere it is just past the end. */
    EITHER(EINVAL, SUCCESS, fd_read(fd, &in, 1, &n));
    EITHER(EINVAL, EFBIG, fd_write(fd, &out, 1, &n));
    /* wasmtime keeps an unsigned offset here; POSIX says OVERFLOW, Linux INVAL. */
    ONE_OF(SUCCESS, EINVAL, EOVERFLOW, fd_seek(fd, 1, SEEK_CUR, &at));
    ONE_OF(SUCCESS, EINVAL, EOVERFLOW, fd_seek(fd, MOST, SEEK_END, &at));
    if (at > MOST) {
        FAILS(EINVAL, fd_read(fd, &in, 1, &n));
        FAILS(EINVAL, fd_write(fd, &out, 1, &n));
    }
    EQ(seek(fd, 0, SEEK_SET), 0);

    FAILS(EINVAL, fd_pread(fd, &in, 1, ~(uint64_t)0, &n));
    FAILS(EINVAL, fd_pread(fd, &in, 1, (uint64_t)1 << 63, &n));
    FAILS(EINVAL, fd_pwrite(fd, &out, 1, ~(uint64_t)0, &n));
    FAILS(EINVAL, fd_pwrite(fd, &out, 1, (uint64_t)1 << 63, &n));
    EITHER(EINVAL, EFBIG, fd_pwrite(fd, &out, 1, MOST, &n));
    EITHER(EFBIG, EINVAL, fd_pwrite(fd, &out, 1, (uint64_t)1 << 62, &n));
    FILE_IS("f", "abc");
}
