/* poll_oneoff on sockets: a listener with a connection waiting, data and how much, the end, room to send, and none of it. */
#include "sock.h"

enum { HANGUP = 1 };

/* Only the clock of a poll that has `fd` beside it. */
static void not_ready(fd_t fd, uint8_t type) {
    subs[0] = on_fd(1, type, fd);
    subs[1] = on_clock(2, MONOTONIC, MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
}

static const struct event *ready(fd_t fd, uint8_t type) {
    subs[0] = on_fd(1, type, fd);
    subs[1] = on_clock(2, MONOTONIC, 30000 * MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    EQ(events[0].error, SUCCESS);
    return events;
}

static void test(void) {
    char data[8];
    ready(LISTENER, EVENT_FD_READ);
    fd_t fd = accept_next(0);
    const struct event *event = ready(fd, EVENT_FD_READ);
    EQ(event->nbytes, 4);
    EQ(event->flags, 0);
    OK(receive(fd, data, 4, 0));
    not_ready(fd, EVENT_FD_READ);
    ready(fd, EVENT_FD_WRITE);
    OK(transmit(fd, "to the brim", 8));
    not_ready(fd, EVENT_FD_WRITE);

    ready(LISTENER, EVENT_FD_READ);
    fd_t gone = accept_next(0);
    not_ready(LISTENER, EVENT_FD_READ);
    event = ready(gone, EVENT_FD_READ);
    EQ(event->nbytes, 0);
    EQ(event->flags, HANGUP);
    event = ready(gone, EVENT_FD_WRITE);
    EQ(event->flags, HANGUP);

    /* Several at once: those that are ready, and no other. */
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    subs[1] = on_fd(2, EVENT_FD_READ, gone);
    subs[2] = on_fd(3, EVENT_FD_WRITE, fd);
    EQ(poll(3), 1);
    EQ(events[0].userdata, 2);
}
