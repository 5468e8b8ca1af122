/* What a file that is open for one thing only says to the other, as far as the largest offset and beyond it. */
#include "check.h"

static void test(void) {
    char byte = 'x';
    struct iovec in = {&byte, 1};
    struct ciovec out = {&byte, 1};
    uint64_t at;
    size_u32 n;
    make_file("f", "abc");
    fd_t reading = open_with("f", 0, RO, 0), writing = open_with("f", 0, WO, 0);
    FAILS(EBADF, fd_write(reading, &out, 1, &n));
    FAILS(EBADF, fd_pwrite(reading, &out, 1, 0, &n));
    FAILS(EBADF, fd_read(writing, &in, 1, &n));
    FAILS(EBADF, fd_pread(writing, &in, 1, 0, &n));
    EQ(seek(reading, INT64_MAX, SEEK_SET), INT64_MAX);
    FAILS(EBADF, fd_write(reading, &out, 1, &n));
    FAILS(EBADF, fd_pwrite(reading, &out, 1, INT64_MAX, &n));
    FAILS(EBADF, fd_pread(writing, &in, 1, INT64_MAX, &n));
    EITHER(EINVAL, EBADF, fd_pwrite(reading, &out, 1, (uint64_t)1 << 63, &n));
    EITHER(EINVAL, EBADF, fd_pread(writing, &in, 1, (uint64_t)1 << 63, &n));
    if (!fd_seek(reading, 1, SEEK_CUR, &at)) EITHER(EINVAL, EBADF, fd_write(reading, &out, 1, &n));
    FILE_IS("f", "abc");
}
