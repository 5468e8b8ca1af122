/* Rights that are enforced: each function on a socket needs its own. */
#include "sock.h"
#include "rights.h"

static void test(void) {
    char data[4];
    fd_t fd = accept_next(0);
    /* A connection has the rights that the listener hands on. */
    EQ(rights_of(fd).rights, rights_of(LISTENER).inheriting);
    OK(transmit(fd, "text", 4));
    OK(receive(fd, data, 1, 0));
    without(fd, RIGHT_FD_READ);
    FAILS(ENOTCAPABLE, receive(fd, data, 1, 0));
    FAILS(ENOTCAPABLE, read_once(fd, data, 1));
    OK(transmit(fd, "text", 4));
    without(fd, RIGHT_FD_WRITE);
    FAILS(ENOTCAPABLE, transmit(fd, "text", 4));
    FAILS(ENOTCAPABLE, write_once(fd, "text", 4));
    OK(sock_shutdown(fd, SHUT_WR));
    without(fd, RIGHT_SOCK_SHUTDOWN);
    FAILS(ENOTCAPABLE, sock_shutdown(fd, SHUT_WR));
    without(LISTENER, RIGHT_SOCK_ACCEPT);
    FAILS(ENOTCAPABLE, sock_accept(LISTENER, 0, &fd));
}
