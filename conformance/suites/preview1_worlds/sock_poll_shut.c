/* A direction that has been shut is ready at once, and hung up; the other one goes on. */
#include "sock.h"

enum { HANGUP = 1 };

static void hung_up(fd_t fd, uint8_t type) {
    subs[0] = on_fd(1, type, fd);
    subs[1] = on_clock(2, MONOTONIC, 1000 * MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    EQ(events[0].nbytes, 0);
    EQ(events[0].flags, HANGUP);
}

static void test(void) {
    fd_t fd = accept_next(0);
    OK(sock_shutdown(fd, SHUT_WR));
    hung_up(fd, EVENT_FD_WRITE);
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    EQ(poll(1), 1);
    EQ(events[0].nbytes, 4);
    EQ(events[0].flags, 0);
    OK(sock_shutdown(fd, SHUT_RD));
    hung_up(fd, EVENT_FD_READ);
    hung_up(fd, EVENT_FD_WRITE);

    fd = accept_next(0);
    OK(sock_shutdown(fd, SHUT_RD));
    hung_up(fd, EVENT_FD_READ);
    subs[0] = on_fd(1, EVENT_FD_WRITE, fd);
    EQ(poll(1), 1);
    EQ(events[0].nbytes, 8);
    EQ(events[0].flags, 0);
    OK(transmit(fd, "12345", 5));
    EQ(moved, 5);
    OK(sock_shutdown(fd, SHUT_RD | SHUT_WR));
    hung_up(fd, EVENT_FD_READ);
    hung_up(fd, EVENT_FD_WRITE);
}
