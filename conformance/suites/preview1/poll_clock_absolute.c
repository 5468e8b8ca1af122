/* One clock, absolute: a time that has passed returns at once, a later one not before it. */
#include "poll.h"

static void test(void) {
    static const uint32_t ids[] = {MONOTONIC, REALTIME};
    for (int i = 0; i < 2; i++) {
        uint64_t deadline = now(ids[i]) + 5 * MS;
        subs[0] = on_clock(7, ids[i], deadline, ABSTIME);
        EQ(poll(1), 1);
        EQ(events[0].userdata, 7);
        EQ(events[0].error, SUCCESS);
        EQ(events[0].type, EVENT_CLOCK);
        /* A millisecond of grace: a wait on the real-time clock may be measured on another one. */
        IS(now(ids[i]) + MS >= deadline);
        subs[0] = on_clock(8, ids[i], 0, ABSTIME);
        EQ(poll(1), 1);
        subs[0] = on_clock(9, ids[i], now(ids[i]), ABSTIME);
        EQ(poll(1), 1);
        EQ(events[0].userdata, 9);
    }
}
