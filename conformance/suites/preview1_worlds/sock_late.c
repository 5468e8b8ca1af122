/* Calls that wait for the network, and go on when something has happened there: a connection, a few bytes, room to send. */
#include "sock.h"

static char data[16];

/* The clock of a poll runs out before anything happens on `fd`. */
static void nothing_comes(fd_t fd) {
    uint64_t before = now(MONOTONIC);
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    subs[1] = on_clock(2, MONOTONIC, 5 * MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
    EQ(events[0].type, EVENT_CLOCK);
    IS(now(MONOTONIC) - before >= 5 * MS);
}

static void test(void) {
    /* Three bytes come at a time. */
    fd_t fd = accept_next(0);
    EQ(stat_of_fd(fd).type, SOCKET_STREAM);
    IS(stat_of_fd(fd).ino != stat_of_fd(LISTENER).ino);
    OK(receive(fd, data, 2, 0));
    EQ(moved, 2);
    IS(same(data, "ab", 2));
    OK(receive(fd, data, 8, RECV_PEEK));
    EQ(moved, 1);
    OK(receive(fd, data, 8, 0));
    EQ(moved, 1);
    IS(same(data, "c", 1));
    OK(receive(fd, data, 8, RECV_PEEK));
    EQ(moved, 3);
    OK(receive(fd, data, 7, RECV_WAITALL));
    EQ(moved, 7);
    IS(same(data, "defghij", 7));
    OK(read_once(fd, data, 8));
    EQ(moved, 2);
    IS(same(data, "kl", 2));
    OK(read_once(fd, data, 8));
    EQ(moved, 3);
    IS(same(data, "mno", 3));
    struct iovec two[] = {{data, 2}, {data + 2, 8}};
    uint16_t flags = 0xaaaa;
    OK(sock_recv(fd, two, 2, 0, &moved, &flags));
    EQ(moved, 3);
    EQ(flags, 0);
    IS(same(data, "pqr", 3));
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    subs[1] = on_clock(2, MONOTONIC, 30000 * MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    EQ(events[0].nbytes, 2);
    EQ(events[0].flags, 0);
    OK(receive(fd, data, 8, 0));
    EQ(moved, 2);
    nothing_comes(fd);

    /* The peer reads when it is waited for, and has room for eight bytes until then. */
    OK(transmit(fd, "12345", 5));
    EQ(moved, 5);
    OK(transmit(fd, "67890", 5));
    EQ(moved, 3);
    OK(transmit(fd, "", 0));
    EQ(moved, 0);
    OK(transmit(fd, "more", 4));
    EQ(moved, 4);
    OK(write_once(fd, "and more", 8));
    EQ(moved, 4);
    OK(write_once(fd, "again", 5));
    EQ(moved, 5);
    struct ciovec three[] = {{"a", 1}, {"", 0}, {"bcdefgh", 7}};
    OK(sock_send(fd, three, 3, 0, &moved));
    EQ(moved, 3);
    subs[0] = on_fd(1, EVENT_FD_WRITE, fd);
    EQ(poll(1), 1);
    EQ(events[0].type, EVENT_FD_WRITE);
    EQ(events[0].nbytes, 8);
    OK(transmit(fd, "12345678", 8));
    EQ(moved, 8);

    /* Who doesn't want to wait is told to come again; who waits for two is told of the one that is ready. */
    OK(fd_fdstat_set_flags(LISTENER, NONBLOCK));
    fd_t none = NO_FD;
    FAILS(EAGAIN, sock_accept(LISTENER, 0, &none));
    EQ(none, NO_FD);
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    subs[1] = on_fd(2, EVENT_FD_READ, LISTENER);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
    fd_t other = accept_next(NONBLOCK);
    FAILS(EAGAIN, receive(other, data, 8, 0));
    FAILS(EAGAIN, receive(other, data, 8, RECV_PEEK));
    FAILS(EAGAIN, read_once(other, data, 8));
    OK(transmit(other, "0123456789", 10));
    EQ(moved, 8);
    FAILS(EAGAIN, transmit(other, "x", 1));
    FAILS(EAGAIN, write_once(other, "x", 1));
    subs[0] = on_fd(1, EVENT_FD_READ, other);
    EQ(poll(1), 1);
    EQ(events[0].nbytes, 3);
    RECEIVES(other, "bye", 0);
    /* It has closed its end behind that. */
    OK(receive(other, data, 8, 0));
    EQ(moved, 0);
    OK(sock_shutdown(other, SHUT_WR));
    FAILS(EPIPE, transmit(other, "x", 1));
    EQ(poll(1), 1);
    EQ(events[0].nbytes, 0);
    EQ(events[0].flags, 1);
    OK(sock_shutdown(fd, SHUT_RD));
    OK(receive(fd, data, 8, 0));
    EQ(moved, 0);
    OK(fd_close(other));
    OK(fd_close(fd));

    /* More than a socket buffers needn't come at once. */
    OK(fd_fdstat_set_flags(LISTENER, 0));
    fd = accept_next(0);
    OK(receive(fd, data, 0, 0));
    EQ(moved, 0);
    OK(receive(fd, data, 3, RECV_WAITALL));
    IS(same(data, "123", 3));
    /* Those that come no more: what is there is all. */
    OK(receive(fd, data, 8, RECV_WAITALL));
    EQ(moved, 2);
    IS(same(data, "45", 2));
}
