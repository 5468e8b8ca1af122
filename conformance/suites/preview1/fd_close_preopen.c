/* The preopened directory can be closed; then no path leads anywhere, while open files live on. */
#include "check.h"

static void test(void) {
    struct filestat st;
    struct prestat pre;
    fd_t fd = create("f"), got;
    OK(fd_close(ROOT));
    FAILS(EBADF, fd_close(ROOT));
    FAILS(EBADF, fd_prestat_get(ROOT, &pre));
    FAILS(EBADF, path_filestat_get(ROOT, 0, NAME("f"), &st));
    FAILS(EBADF, path_open(ROOT, 0, NAME("f"), 0, RW, grantable, 0, &got));
    write_all(fd, "abc", 3);
    EQ(stat_of_fd(fd).size, 3);
}
