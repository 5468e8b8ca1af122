/* What this machine promises and others needn't: a poll of a file tells what is left and where it ends, and writes its results
 * and nothing beside them. */
#include "../preview1/poll.h"

enum { MOST = 1 << 16 };
static struct subscription many[MOST + 1];
static struct event told[MOST + 1];

static const struct event *one(uint8_t type, fd_t fd) {
    subs[0] = on_fd(7, type, fd);
    EQ(poll(1), 1);
    /* Padding stays as it was. */
    IS(all((uint8_t *)events + 11, 0xaa, 5) && all((uint8_t *)events + 26, 0xaa, 6));
    EQ(events[0].userdata, 7);
    EQ(events[0].type, type);
    EQ(events[0].error, SUCCESS);
    return events;
}

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "hello", 5);
    for (uint64_t at = 0; at < 8; at++) {
        EQ(seek(fd, (int64_t)at, SEEK_SET), at);
        const struct event *event = one(EVENT_FD_READ, fd);
        EQ(event->nbytes, at < 5 ? 5 - at : 0);
        EQ(event->flags, at < 5 ? 0 : 1);
        event = one(EVENT_FD_WRITE, fd);
        EQ(event->nbytes, 0);
        EQ(event->flags, 0);
    }
    subs[0] = on_clock(1, MONOTONIC, 0, 0);
    EQ(poll(1), 1);
    IS(all((uint8_t *)events + 11, 0xaa, 5) && all((uint8_t *)events + 26, 0xaa, 6));
    EQ(events[0].nbytes, 0);
    EQ(events[0].flags, 0);

    /* A device is always ready, and nobody knows how much it has. */
    fd_t zero = open_rw("dev/zero");
    for (uint8_t type = EVENT_FD_READ; type <= EVENT_FD_WRITE; type++) {
        const struct event *event = one(type, zero);
        EQ(event->nbytes, 0);
        EQ(event->flags, 0);
    }

    size_u32 count = 0;
    for (size_u32 i = 0; i <= MOST; i++) many[i] = on_clock(i, MONOTONIC, 0, 0);
    OK(poll_oneoff(many, told, MOST, &count));
    EQ(count, MOST);
    for (size_u32 i = 0; i < MOST; i++) IS(told[i].userdata == i);
    FAILS(EINVAL, poll_oneoff(many, told, MOST + 1, &count));
    FAILS(EINVAL, poll_oneoff(many, told, 0, &count));
}
