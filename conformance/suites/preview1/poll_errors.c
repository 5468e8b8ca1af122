/* What poll_oneoff refuses. A bad descriptor fails the whole call in wasmtime; the standard has an error in the
 * event for it. Either way the program hears of it. */
#include "poll.h"

static void bad(fd_t fd, uint8_t type, uint64_t timeout) {
    size_u32 count = 0;
    subs[0] = on_fd(1, type, fd);
    subs[1] = on_clock(2, MONOTONIC, timeout, 0);
    int error = poll_oneoff(subs, events, 2, &count);
    ONE_OF(EBADF, ENOTSUP, SUCCESS, error);
    if (!error) {
        const struct event *e = event_of(1, count);
        IS(e != 0);
        ONE_OF(EBADF, ENOTSUP, EPERM, e->error);
    }
}

static void test(void) {
    size_u32 count = 77;
    subs[0] = on_clock(1, MONOTONIC, 0, 0);
    FAILS(EINVAL, poll_oneoff(subs, events, 0, &count));
    bad(NO_FD, EVENT_FD_READ, 0);
    bad(NO_FD, EVENT_FD_WRITE, 0);
    bad(0xffffffff, EVENT_FD_READ, MS);
    bad(ROOT, EVENT_FD_READ, MS);
    bad(ROOT, EVENT_FD_WRITE, MS);
    /* Reading from stdout and stderr, writing to stdin. */
    bad(1, EVENT_FD_READ, MS);
    bad(2, EVENT_FD_READ, MS);
    bad(0, EVENT_FD_WRITE, MS);
    fd_t fd = create("f");
    OK(fd_close(fd));
    bad(fd, EVENT_FD_READ, 0);
}
