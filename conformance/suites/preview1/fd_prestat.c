/* The preopened directory tells its name; other descriptors have none; the first free number ends the list. */
#include "check.h"

static void test(void) {
    char name[8];
    struct prestat pre;
    fd_t fd = create("f"), dir;
    make_dir("d");
    dir = open_dir("d");

    memset(&pre, 0xaa, sizeof pre);
    OK(fd_prestat_get(ROOT, &pre));
    EQ(pre.tag, 0);
    EQ(pre.namelen, 1);
    memset(name, '#', sizeof name);
    OK(fd_prestat_dir_name(ROOT, name, 1));
    IS(same(name, "/#######", 8));
    OK(fd_prestat_dir_name(ROOT, name, sizeof name));
    IS(same(name, "/#######", 8));
    /* Too small a buffer: wasmtime says NAMETOOLONG, other hosts INVAL or NOBUFS. */
    ONE_OF(ENAMETOOLONG, EINVAL, ENOBUFS, fd_prestat_dir_name(ROOT, name, 0));

    fd_t others[] = {fd, dir, 0, 1, 2};
    for (int i = 0; i < 5; i++) {
        FAILS(EBADF, fd_prestat_get(others[i], &pre));
        EITHER(ENOTDIR, EBADF, fd_prestat_dir_name(others[i], name, sizeof name));
    }
    FAILS(EBADF, fd_prestat_get(NO_FD, &pre));
    FAILS(EBADF, fd_prestat_dir_name(NO_FD, name, sizeof name));
    OK(fd_close(fd));
    OK(fd_close(dir));
    FAILS(EBADF, fd_prestat_get(ROOT + 1, &pre));
}
