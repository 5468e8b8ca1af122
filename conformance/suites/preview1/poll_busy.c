/* A program that polls without waiting, a thousand times, as event loops do: each poll comes back at once, the clocks beside it
 * aren't late, and a deadline that is looked at so often does come. */
#include "poll.h"

static void test(void) {
    uint64_t start = now(MONOTONIC), deadline = start + 5 * MS;
    int came = 0;
    fd_t fd = create("f");
    for (int i = 0; i < 1000; i++) {
        subs[0] = on_clock(1, MONOTONIC, 0, 0);
        EQ(poll(1), 1);
        EQ(events[0].error, SUCCESS);
        subs[0] = on_clock(1, MONOTONIC, 0, ABSTIME);
        subs[1] = on_clock(2, MONOTONIC, 3600000 * MS, 0);
        EQ(poll(2), 1);
        EQ(events[0].userdata, 1);
    }
    /* A file that is ready, and a deadline. */
    for (int i = 0; i < 1000000 && !came; i++) {
        subs[0] = on_fd(1, EVENT_FD_WRITE, fd);
        subs[1] = on_clock(2, MONOTONIC, deadline, ABSTIME);
        size_u32 n = poll(2);
        IS(event_of(1, n) || event_of(2, n));
        came = now(MONOTONIC) >= deadline;
    }
    IS(came);
    subs[0] = on_clock(2, MONOTONIC, deadline, ABSTIME);
    EQ(poll(1), 1);
}
