/* Receiving into no buffers, or into empty ones: nothing is waited for. Sending none of them sends nothing. */
#include "sock.h"

static int receive_into(fd_t fd, struct iovec *v, size_u32 n) {
    uint16_t flags = 0xaaaa;
    moved = 99;
    return sock_recv(fd, v, n, 0, &moved, &flags);
}

static void test(void) {
    char data[8] = {0};
    struct iovec none[] = {{data, 0}, {data + 4, 0}, {data, 0}}, last[] = {{data, 0}, {data, 4}};
    struct ciovec nothing[] = {{data, 0}, {data, 0}};
    fd_t fd = accept_next(NONBLOCK);
    for (size_u32 n = 0; n <= 3; n++) {
        OK(receive_into(fd, none, n));
        EQ(moved, 0);
        OK(fd_read(fd, none, n, &moved));
        EQ(moved, 0);
    }
    FAILS(EAGAIN, receive_into(fd, last, 2));
    FAILS(EAGAIN, fd_read(fd, last, 2, &moved));
    for (size_u32 n = 0; n <= 2; n++) {
        OK(sock_send(fd, nothing, n, 0, &moved));
        EQ(moved, 0);
        OK(fd_write(fd, nothing, n, &moved));
        EQ(moved, 0);
    }
    fd = accept_next(0);
    OK(receive_into(fd, last, 2));
    EQ(moved, 4);
    IS(same(data, "data", 4));
}
