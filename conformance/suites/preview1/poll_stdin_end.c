/* An empty stdin: it is at its end, which a read shows, so a poll for reading returns at once. */
#include "poll.h"

static void test(void) {
    char byte;
    uint64_t start = now(MONOTONIC);
    EQ(read_all(0, &byte, 1), 0);
    subs[0] = on_fd(1, EVENT_FD_READ, 0);
    subs[1] = on_clock(9, MONOTONIC, 30000 * MS, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    EQ(events[0].error, SUCCESS);
    IS(now(MONOTONIC) - start < 20000 * MS);
}
