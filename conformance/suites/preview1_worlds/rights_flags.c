/* Rights that are enforced: which flags a file may be opened with, in a directory that may not synchronise, or only data. */
#include "../preview1/check.h"

static int open_so(uint32_t fdflags) {
    fd_t fd = NO_FD;
    int error = path_open(ROOT, 0, NAME("f"), 0, RIGHT_FD_READ | RIGHT_FD_WRITE, 0, fdflags, &fd);
    if (!error) OK(fd_close(fd));
    return error;
}

static void give_up(uint64_t rights) {
    struct fdstat fs;
    OK(fd_fdstat_get(ROOT, &fs));
    OK(fd_fdstat_set_rights(ROOT, fs.rights & ~rights, fs.inheriting));
}

static void test(void) {
    make_file("f", "");
    for (uint32_t flags = 0; flags < 32; flags++) OK(open_so(flags));
    give_up(RIGHT_FD_SYNC);
    for (uint32_t flags = 0; flags < 32; flags++) {
        if (flags & (SYNC | RSYNC)) FAILS(ENOTCAPABLE, open_so(flags));
        else OK(open_so(flags));
    }
    give_up(RIGHT_FD_DATASYNC);
    for (uint32_t flags = 0; flags < 32; flags++) {
        if (flags & (SYNC | RSYNC | DSYNC)) FAILS(ENOTCAPABLE, open_so(flags));
        else OK(open_so(flags));
    }
}
