/* Setting times: "this" and "now" for the same time is INVAL, before anything else is looked at. */
#include "check.h"

static void test(void) {
    static const uint32_t both[] = {
        ATIM | ATIM_NOW, MTIM | MTIM_NOW, ATIM | ATIM_NOW | MTIM, ATIM | MTIM | MTIM_NOW, 15
    };
    struct filestat before, after;
    fd_t fd = create("f");
    before = stat_of("f");
    for (int i = 0; i < 5; i++) {
        FAILS(EINVAL, fd_filestat_set_times(fd, 1, 1, both[i]));
        FAILS(EINVAL, path_filestat_set_times(ROOT, 0, NAME("f"), 1, 1, both[i]));
        FAILS(EINVAL, path_filestat_set_times(ROOT, FOLLOW, NAME("f"), 1, 1, both[i]));
        /* Which of two faults is told: wasmtime looks at the flags first. */
        EITHER(EINVAL, EBADF, fd_filestat_set_times(NO_FD, 1, 1, both[i]));
        EITHER(EINVAL, ENOENT, path_filestat_set_times(ROOT, 0, NAME("none"), 1, 1, both[i]));
    }
    after = stat_of("f");
    EQ(after.mtim, before.mtim);
    EQ(after.atim, before.atim);
    for (fd_t std = 0; std < 3; std++) EITHER(EBADF, EINVAL, fd_filestat_set_times(std, 1, 1, ATIM));
    FAILS(EBADF, fd_filestat_set_times(NO_FD, 1, 1, ATIM));
    FAILS(ENOENT, path_filestat_set_times(ROOT, 0, NAME("none"), 1, 1, ATIM));
    /* Times that no file system holds: refused, or kept as near as it can. */
    ONE_OF(SUCCESS, EINVAL, EOVERFLOW, fd_filestat_set_times(fd, ~(uint64_t)0, ~(uint64_t)0, ATIM | MTIM));
    OK(fd_filestat_get(fd, &after));
}
