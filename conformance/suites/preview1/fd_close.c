/* fd_close: a number that is closed is gone; the file, and other descriptors of it, are not. */
#include "check.h"

static void test(void) {
    char got[4];
    fd_t a = create("f"), b = open_rw("f"), dir;
    write_all(a, "abc", 3);
    OK(fd_close(a));
    FAILS(EBADF, fd_close(a));
    EQ(read_all(b, got, 4), 3);
    OK(fd_close(b));
    FAILS(EBADF, fd_close(b));
    FILE_IS("f", "abc");

    make_dir("d");
    dir = open_dir("d");
    OK(fd_close(dir));
    FAILS(EBADF, fd_close(dir));
    EQ(stat_of("d").type, DIRECTORY);
}
