/* wasi_unstable's three socket functions, on descriptors that aren't sockets and on none. sock_accept came later. */
#define WASI_UNSTABLE
#include "check.h"

static void test(void) {
    char data[4] = {0};
    struct iovec in = {data, 4};
    struct ciovec out = {data, 4};
    size_u32 n;
    uint16_t flags;
    for (fd_t fd = 0; fd <= ROOT; fd++) {
        ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_recv(fd, &in, 1, 0, &n, &flags));
        ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_send(fd, &out, 1, 0, &n));
        ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_shutdown(fd, SHUT_RD | SHUT_WR));
    }
    FAILS(EBADF, sock_recv(NO_FD, &in, 1, 0, &n, &flags));
    FAILS(EBADF, sock_send(NO_FD, &out, 1, 0, &n));
    FAILS(EBADF, sock_shutdown(NO_FD, SHUT_RD));
}
