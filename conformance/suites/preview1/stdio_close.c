/* Stdio can be closed: then it is BADF, its numbers may be given to files, and those are files. */
#include "check.h"

static void test(void) {
    char byte;
    struct iovec in = {&byte, 1};
    struct ciovec out = {"lost", 4};
    struct fdstat fs;
    size_u32 n;
    fd_t fd;
    for (fd = 0; fd < 2; fd++) OK(fd_close(fd));
    FAILS(EBADF, fd_read(0, &in, 1, &n));
    FAILS(EBADF, fd_write(1, &out, 1, &n));
    FAILS(EBADF, fd_fdstat_get(1, &fs));
    for (fd = 0; fd < 2; fd++) FAILS(EBADF, fd_close(fd));
    fd = create("f");
    write_all(fd, "abc", 3);
    OK(fd_fdstat_get(fd, &fs));
    EQ(fs.type, REGULAR_FILE);
    FILE_IS("f", "abc");
    OK(fd_close(2));
    FAILS(EBADF, fd_write(2, &out, 1, &n));
}
