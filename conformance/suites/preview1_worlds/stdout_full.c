/* Nobody takes what stdout holds: it can't be written to, and a poll with a clock ends by the clock. */
#include "../preview1/poll.h"

static void test(void) {
    struct ciovec v = {"hello, world", 12};
    size_u32 n = 0;
    subs[0] = on_fd(1, EVENT_FD_WRITE, 1);
    subs[1] = on_clock(2, MONOTONIC, MS, 0);
    subs[2] = on_fd(3, EVENT_FD_WRITE, 2);
    EQ(poll(1), 1);
    OK(fd_write(1, &v, 1, &n));
    EQ(n, 5);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
    EQ(poll(3), 1);
    EQ(events[0].userdata, 3);
}
