/* path_open and directories: with DIRECTORY, without it, for writing, to create, to truncate. */
#include "check.h"

static void test(void) {
    fd_t fd = NO_FD;
    make_dir("d");
    make_file("f", "abc");
    OK(open_errno("d", O_DIRECTORY, RO, 0));
    OK(open_errno("d", 0, RO, 0));
    OK(open_errno("d", O_DIRECTORY, RIGHT_FD_READDIR, 0));
    OK(open_errno("d", O_DIRECTORY, 0, 0));
    OK(open_errno(".", O_DIRECTORY, RO, 0));

    FAILS(ENOTDIR, open_errno("f", O_DIRECTORY, RO, 0));
    FAILS(ENOTDIR, open_errno("f", O_DIRECTORY, RW, 0));
    FAILS(ENOENT, open_errno("none", O_DIRECTORY, RO, 0));
    FAILS(EISDIR, open_errno("d", 0, RW, 0));
    FAILS(EISDIR, open_errno("d", 0, WO, 0));
    FAILS(EISDIR, open_errno("d", O_DIRECTORY, WO, 0));
    FAILS(EISDIR, open_errno("d", O_CREAT, RW, 0));
    FAILS(EISDIR, open_errno("d", O_TRUNC, RW, 0));
    FAILS(EISDIR, open_errno(".", O_CREAT, RW, 0));
    FAILS(EEXIST, open_errno("d", O_CREAT | O_EXCL, RW, 0));

    /* CREAT or TRUNC with DIRECTORY: POSIX leaves it open; wasmtime refuses. Never is a directory made. */
    ONE_OF(EINVAL, EISDIR, ENOTDIR, open_errno("d", O_DIRECTORY | O_CREAT, RW, 0));
    ONE_OF(EINVAL, EISDIR, ENOTDIR, open_errno("f", O_DIRECTORY | O_CREAT, RW, 0));
    ONE_OF(EINVAL, EISDIR, ENOTDIR, open_errno("new", O_DIRECTORY | O_CREAT, RW, 0));
    ONE_OF(EINVAL, EISDIR, ENOTDIR, open_errno("d", O_DIRECTORY | O_TRUNC, RW, 0));
    FILE_IS("f", "abc");
    EQ(fd, NO_FD);
}
