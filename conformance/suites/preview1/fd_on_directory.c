/* The functions of files, on a directory: the preopened one and an opened one. */
#include "check.h"

static void each(fd_t dir) {
    char buffer[8];
    struct iovec in = {buffer, 8};
    struct ciovec out = {buffer, 8};
    uint64_t at;
    size_u32 n;
    /* wasmtime keeps directories and files apart and says BADF; POSIX says ISDIR where it has a word for it. */
    EITHER(EBADF, EISDIR, fd_read(dir, &in, 1, &n));
    EITHER(EBADF, EISDIR, fd_pread(dir, &in, 1, 0, &n));
    EITHER(EBADF, EISDIR, fd_write(dir, &out, 1, &n));
    EITHER(EBADF, EISDIR, fd_pwrite(dir, &out, 1, 0, &n));
    EITHER(EBADF, EISDIR, fd_seek(dir, 0, SEEK_SET, &at));
    EITHER(EBADF, EISDIR, fd_tell(dir, &at));
    ONE_OF(EBADF, EISDIR, ENODEV, fd_allocate(dir, 0, 1));
    /* Advice on a directory, and syncing one, are things that POSIX hosts do. */
    ONE_OF(EBADF, EISDIR, SUCCESS, fd_advise(dir, 0, 0, NORMAL));
    ONE_OF(EBADF, EISDIR, SUCCESS, fd_sync(dir));
    ONE_OF(EBADF, EISDIR, SUCCESS, fd_datasync(dir));
    ONE_OF(EBADF, EISDIR, SUCCESS, fd_fdstat_set_flags(dir, 0));
}

static void test(void) {
    make_dir("d");
    each(ROOT);
    each(open_dir("d"));
    each(open_dir("."));
}
