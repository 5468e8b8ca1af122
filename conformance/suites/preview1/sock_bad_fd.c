/* The socket functions on numbers that aren't open: BADF. */
#include "check.h"

static void each(fd_t fd) {
    char buffer[8];
    struct iovec in = {buffer, 8};
    struct ciovec out = {buffer, 8};
    size_u32 n;
    uint16_t flags;
    fd_t got;
    FAILS(EBADF, sock_accept(fd, 0, &got));
    FAILS(EBADF, sock_recv(fd, &in, 1, 0, &n, &flags));
    FAILS(EBADF, sock_send(fd, &out, 1, 0, &n));
    FAILS(EBADF, sock_shutdown(fd, SHUT_RD));
}

static void test(void) {
    fd_t fd = create("f");
    OK(fd_close(fd));
    each(fd);
    each(NO_FD);
    each(0xffffffff);
}
