/* A process that may have ten descriptors has ten, never eleven; each that is closed makes room for one, and the lowest is next. */
#include "../preview1/check.h"

enum { MOST = 10, OWN = 4 };

static int open_next(fd_t *fd) { return path_open(ROOT, 0, NAME("f"), 0, RW, grantable, 0, fd); }

static void test(void) {
    fd_t fd = NO_FD;
    make_file("f", "");
    for (fd_t i = OWN; i < MOST; i++) {
        OK(open_next(&fd));
        EQ(fd, i);
    }
    fd = NO_FD;
    FAILS(EMFILE, open_next(&fd));
    EQ(fd, NO_FD);
    FAILS(EMFILE, path_open(ROOT, 0, NAME("new"), O_CREAT, RW, grantable, 0, &fd));
    FAILS(EMFILE, path_open(ROOT, 0, NAME("."), O_DIRECTORY, RO, grantable, 0, &fd));
    OK(fd_close(7));
    OK(fd_close(5));
    OK(fd_close(6));
    for (fd_t i = 5; i <= 7; i++) {
        OK(open_next(&fd));
        EQ(fd, i);
    }
    FAILS(EMFILE, open_next(&fd));
    /* Renumbering needs no room, and makes some. */
    OK(fd_renumber(8, 4));
    FAILS(EBADF, fd_close(8));
    OK(open_next(&fd));
    EQ(fd, 8);
    FAILS(EMFILE, open_next(&fd));
    OK(fd_renumber(9, 9));
    FAILS(EMFILE, open_next(&fd));
    /* The last ones go, and come again. */
    for (fd_t i = MOST - 1; i >= OWN; i--) OK(fd_close(i));
    OK(fd_close(1));
    OK(fd_close(0));
    OK(open_next(&fd));
    EQ(fd, 0);
    OK(open_next(&fd));
    EQ(fd, 1);
    for (fd_t i = OWN; i < MOST; i++) {
        OK(open_next(&fd));
        EQ(fd, i);
    }
    FAILS(EMFILE, open_next(&fd));
}
