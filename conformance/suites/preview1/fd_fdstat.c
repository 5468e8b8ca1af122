/* fd_fdstat_get: type, flags, and rights that at least say whether a file can be read and written. */
#include "check.h"

static struct fdstat get(fd_t fd) {
    struct fdstat fs;
    memset(&fs, 0xaa, sizeof fs);
    OK(fd_fdstat_get(fd, &fs));
    return fs;
}

static void test(void) {
    struct fdstat fs;
    make_file("f", "abc");
    make_dir("d");

    fs = get(open_rw("f"));
    EQ(fs.type, REGULAR_FILE);
    EQ(fs.flags, 0);
    IS(fs.rights & RIGHT_FD_READ);
    IS(fs.rights & RIGHT_FD_WRITE);
    IS(fs.rights & RIGHT_FD_SEEK);
    IS(fs.rights & RIGHT_FD_TELL);

    fs = get(open_with("f", 0, RO, 0));
    IS(fs.rights & RIGHT_FD_READ);
    IS(!(fs.rights & RIGHT_FD_WRITE));
    fs = get(open_with("f", 0, WO, 0));
    IS(fs.rights & RIGHT_FD_WRITE);
    IS(!(fs.rights & RIGHT_FD_READ));

    EQ(get(open_with("f", 0, RW, APPEND)).flags, APPEND);
    EQ(get(open_with("f", 0, RW, NONBLOCK)).flags, NONBLOCK);
    EQ(get(open_with("f", 0, RW, APPEND | NONBLOCK)).flags, APPEND | NONBLOCK);

    fs = get(open_dir("d"));
    EQ(fs.type, DIRECTORY);
    EQ(fs.flags, 0);
    IS(fs.rights & RIGHT_FD_READDIR);
    IS(!(fs.rights & RIGHT_FD_WRITE));
    fs = get(ROOT);
    EQ(fs.type, DIRECTORY);
    IS(fs.rights & RIGHT_FD_READDIR);
    IS(fs.inheriting & RIGHT_FD_READ);
    IS(fs.inheriting & RIGHT_FD_WRITE);
    IS(!(fs.rights & RIGHT_FD_SEEK));
    FAILS(EBADF, fd_fdstat_get(NO_FD, &fs));
}
