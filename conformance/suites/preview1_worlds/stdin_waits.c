/* A stdin on which nothing more comes, and which doesn't end: a poll with a clock ends by the clock. */
#include "../preview1/poll.h"

static void test(void) {
    char data[8];
    subs[0] = on_fd(1, EVENT_FD_READ, 0);
    subs[1] = on_clock(2, MONOTONIC, MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    EQ(events[0].nbytes, 4);
    EQ(read_all(0, data, 4), 4);
    IS(same(data, "abcd", 4));
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
}
