/* fd_filestat_set_size: not open for writing, a directory, stdio, sizes that no file can have. */
#include "check.h"

static void test(void) {
    fd_t fd = create("f"), reader = open_with("f", 0, RO, 0);
    write_all(fd, "abc", 3);
    /* POSIX allows both for a file that isn't open for writing; Linux says INVAL. */
    EITHER(EINVAL, EBADF, fd_filestat_set_size(reader, 1));
    /* A directory: BADF, as it has no file's operations, or POSIX's INVAL or ISDIR. */
    ONE_OF(EBADF, EISDIR, EINVAL, fd_filestat_set_size(ROOT, 0));
    ONE_OF(EBADF, EISDIR, EINVAL, fd_filestat_set_size(open_dir("."), 0));
    for (fd_t std = 0; std < 3; std++) EITHER(EBADF, EINVAL, fd_filestat_set_size(std, 0));
    FAILS(EBADF, fd_filestat_set_size(NO_FD, 0));
    /* Past what a signed offset holds, and past the biggest file. */
    EITHER(EINVAL, EFBIG, fd_filestat_set_size(fd, ~(uint64_t)0));
    EITHER(EINVAL, EFBIG, fd_filestat_set_size(fd, (uint64_t)1 << 63));
    EITHER(EFBIG, EINVAL, fd_filestat_set_size(fd, (uint64_t)1 << 62));
    FILE_IS("f", "abc");
}
