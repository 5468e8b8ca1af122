/* sock_accept when every descriptor is taken: MFILE, and the connection still waits. */
#include "sock.h"

static void test(void) {
    fd_t fd = NO_FD;
    FAILS(EMFILE, sock_accept(LISTENER, 0, &fd));
    EQ(fd, NO_FD);
    OK(fd_close(ROOT));
    fd = accept_next(0);
    RECEIVES(fd, "still here", 0);
    FAILS(EMFILE, sock_accept(LISTENER, 0, &fd));
}
