/* sock_shutdown: one direction ends and the other goes on; both, again and again. */
#include "sock.h"

static void test(void) {
    char data[8];
    fd_t fd = accept_next(0);
    FAILS(EINVAL, sock_shutdown(fd, 0));
    OK(transmit(fd, "last", 4));
    OK(sock_shutdown(fd, SHUT_WR));
    FAILS(EPIPE, transmit(fd, "x", 1));
    FAILS(EPIPE, write_once(fd, "x", 1));
    RECEIVES(fd, "last", 0);
    OK(receive(fd, data, 1, 0));
    EQ(moved, 0);
    OK(sock_shutdown(fd, SHUT_WR));

    fd = accept_next(0);
    OK(sock_shutdown(fd, SHUT_RD));
    OK(receive(fd, data, 8, 0));
    EQ(moved, 0);
    OK(transmit(fd, "on", 2));
    EQ(moved, 2);
    OK(sock_shutdown(fd, SHUT_RD | SHUT_WR));
    FAILS(EPIPE, transmit(fd, "x", 1));
    FAILS(ENOTCONN, sock_shutdown(LISTENER, SHUT_RD));
}
