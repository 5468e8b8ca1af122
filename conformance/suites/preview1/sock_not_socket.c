/* The socket functions on descriptors of other kinds: NOTSOCK. */
#include "check.h"

static void each(fd_t fd) {
    char buffer[8];
    struct iovec in = {buffer, 8};
    struct ciovec out = {buffer, 8};
    size_u32 n;
    uint16_t flags;
    fd_t got;
    /* Where sockets are left out altogether, NOTSUP; the older hosts' BADF. */
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_accept(fd, 0, &got));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_accept(fd, NONBLOCK, &got));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_recv(fd, &in, 1, 0, &n, &flags));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_recv(fd, &in, 1, RECV_PEEK | RECV_WAITALL, &n, &flags));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_send(fd, &out, 1, 0, &n));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_shutdown(fd, SHUT_RD));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_shutdown(fd, SHUT_WR));
    ONE_OF(ENOTSOCK, ENOTSUP, EBADF, sock_shutdown(fd, SHUT_RD | SHUT_WR));
    ONE_OF(ENOTSOCK, ENOTSUP, EINVAL, sock_shutdown(fd, 0));
}

static void test(void) {
    each(create("f"));
    each(ROOT);
    make_dir("d");
    each(open_dir("d"));
    for (fd_t std = 0; std < 3; std++) each(std);
    FILE_IS("f", "");
}
