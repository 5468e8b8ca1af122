/* path_open's fdflags: APPEND and NONBLOCK are kept; the sync flags are honoured, or refused with NOTSUP. */
#include "check.h"

static void test(void) {
    static const uint32_t syncs[] = {DSYNC, RSYNC, SYNC, DSYNC | RSYNC | SYNC};
    struct fdstat fs;
    fd_t fd;
    make_file("f", "abc");
    for (uint32_t flags = 0; flags <= (APPEND | NONBLOCK); flags++) {
        if (flags & DSYNC) continue;
        fd = open_with("f", 0, RW, flags);
        OK(fd_fdstat_get(fd, &fs));
        EQ(fs.flags, flags);
        OK(fd_close(fd));
    }
    OK(open_errno("f", 0, RO, APPEND));
    for (int i = 0; i < 4; i++) {
        int error = path_open(ROOT, 0, NAME("f"), 0, RW, grantable, syncs[i], &fd);
        EITHER(ENOTSUP, SUCCESS, error);
        if (error) continue;
        pwrite_all(fd, "X", 1, 0);
        OK(fd_close(fd));
    }
    make_dir("d");
    OK(open_errno("d", O_DIRECTORY, RO, NONBLOCK));
    EITHER(SUCCESS, EINVAL, open_errno("d", O_DIRECTORY, RO, APPEND));
}
