/* sock_recv and fd_read: what has come, peeked at or taken, all of it or a part; the end; AGAIN while there is nothing. */
#include "sock.h"

static void test(void) {
    char data[64];
    fd_t fd = accept_next(NONBLOCK);
    RECEIVES(fd, "hello", RECV_PEEK);
    RECEIVES(fd, "hello, ", 0);
    RECEIVES(fd, "you", RECV_WAITALL);
    /* Into two buffers: a host may fill only the first. */
    char a[2], b[2];
    struct iovec v[] = {{a, 2}, {b, 2}};
    uint16_t flags = 0xaaaa;
    OK(sock_recv(fd, v, 2, RECV_PEEK, &moved, &flags));
    IS(moved >= 2 && same(a, " t", 2));
    EQ(flags, 0);
    OK(read_once(fd, data, 6));
    EQ(moved, 6);
    IS(same(data, " there", 6));
    /* Less has come than there is room for. */
    OK(receive(fd, data, sizeof data, 0));
    EQ(moved, 1);
    FAILS(EAGAIN, receive(fd, data, 1, 0));
    FAILS(EAGAIN, receive(fd, data, 1, RECV_PEEK));
    FAILS(EAGAIN, receive(fd, data, 1, RECV_WAITALL));
    FAILS(EAGAIN, read_once(fd, data, 1));

    /* The peer has finished: its last words, and then the end as often as it is asked for. */
    fd = accept_next(0);
    OK(receive(fd, data, sizeof data, RECV_WAITALL));
    EQ(moved, 3);
    IS(same(data, "bye", 3));
    for (int i = 0; i < 2; i++) {
        OK(receive(fd, data, 1, 0));
        EQ(moved, 0);
        OK(read_once(fd, data, 1));
        EQ(moved, 0);
    }
    FAILS(ENOTCONN, receive(LISTENER, data, 1, 0));
    FAILS(ENOTCONN, read_once(LISTENER, data, 1));
}
