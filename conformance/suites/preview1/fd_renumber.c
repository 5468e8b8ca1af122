/* fd_renumber moves a descriptor onto an open number: the target is closed, the source's number is free. */
#include "check.h"

static void test(void) {
    struct prestat pre;
    fd_t a, b, dir;
    make_file("f", "abc");
    make_file("g", "xyz");
    a = open_rw("f"), b = open_rw("g");
    seek(a, 2, SEEK_SET);

    OK(fd_renumber(a, a));
    EQ(tell(a), 2);

    OK(fd_renumber(a, b));
    FAILS(EBADF, fd_close(a));
    EQ(tell(b), 2);
    write_all(b, "C", 1);
    FILE_IS("f", "abC");
    FILE_IS("g", "xyz");

    FAILS(EBADF, fd_renumber(a, b));
    FAILS(EBADF, fd_renumber(b, a));
    FAILS(EBADF, fd_renumber(NO_FD, b));
    FAILS(EBADF, fd_renumber(b, NO_FD));
    EQ(tell(b), 3);

    /* The number that was set free is handed out again at some time, and is a new descriptor. */
    a = open_rw("g");
    EQ(tell(a), 0);

    /* A directory over a file, and the preopened directory itself: what it is moves with it. */
    make_dir("d");
    dir = open_dir("d");
    OK(fd_renumber(dir, a));
    OK(path_create_directory(a, NAME("inside")));
    EQ(stat_of("d/inside").type, DIRECTORY);
    OK(fd_renumber(ROOT, b));
    FAILS(EBADF, fd_prestat_get(ROOT, &pre));
    OK(path_create_directory(b, NAME("moved")));
}
