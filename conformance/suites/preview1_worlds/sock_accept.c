/* sock_accept: connections in the order in which they came, each a descriptor of its own; AGAIN when there are no more. */
#include "sock.h"

static void test(void) {
    struct fdstat fs;
    OK(fd_fdstat_get(LISTENER, &fs));
    EQ(fs.type, SOCKET_STREAM);
    EQ(fs.flags, 0);
    fd_t first = accept_next(0), second = accept_next(NONBLOCK);
    IS(first != second);
    OK(fd_fdstat_get(first, &fs));
    EQ(fs.type, SOCKET_STREAM);
    EQ(fs.flags, 0);
    OK(fd_fdstat_get(second, &fs));
    EQ(fs.flags, NONBLOCK);
    RECEIVES(second, "two", 0);
    RECEIVES(first, "one", 0);
    /* A connection listens to nobody. */
    fd_t fd = NO_FD;
    FAILS(EINVAL, sock_accept(first, 0, &fd));
    OK(fd_fdstat_set_flags(LISTENER, NONBLOCK));
    FAILS(EAGAIN, sock_accept(LISTENER, 0, &fd));
    EQ(fd, NO_FD);
    /* What was accepted lives on without the listener. */
    OK(fd_close(LISTENER));
    RECEIVES(first, "!", 0);
    FAILS(EBADF, sock_accept(LISTENER, 0, &fd));
}
