/* fd_fdstat_set_flags sets and clears APPEND and NONBLOCK; the sync flags can't be changed after the open. */
#include "check.h"

static int flags_of(fd_t fd) {
    struct fdstat fs;
    OK(fd_fdstat_get(fd, &fs));
    return fs.flags;
}

static void test(void) {
    fd_t fd = create("f"), other = open_rw("f");
    OK(fd_fdstat_set_flags(fd, APPEND));
    EQ(flags_of(fd), APPEND);
    EQ(flags_of(other), 0);
    OK(fd_fdstat_set_flags(fd, NONBLOCK));
    EQ(flags_of(fd), NONBLOCK);
    OK(fd_fdstat_set_flags(fd, APPEND | NONBLOCK));
    EQ(flags_of(fd), APPEND | NONBLOCK);
    OK(fd_fdstat_set_flags(fd, 0));
    EQ(flags_of(fd), 0);

    /* Linux ignores these silently in F_SETFL; wasmtime refuses; a host may honour them. */
    static const int syncs[] = {DSYNC, RSYNC, SYNC, SYNC | APPEND};
    for (int i = 0; i < 4; i++) ONE_OF(EINVAL, ENOTSUP, SUCCESS, fd_fdstat_set_flags(other, syncs[i]));

    /* A file that isn't open for writing takes the flags all the same. */
    fd = open_with("f", 0, RO, 0);
    OK(fd_fdstat_set_flags(fd, NONBLOCK));
    EQ(flags_of(fd), NONBLOCK);
    FAILS(EBADF, fd_fdstat_set_flags(NO_FD, 0));
    /* Stdio: wasmtime keeps no flags for it. */
    for (fd_t std = 0; std < 3; std++) EITHER(EBADF, SUCCESS, fd_fdstat_set_flags(std, 0));
}
