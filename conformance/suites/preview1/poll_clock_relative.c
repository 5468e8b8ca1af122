/* One clock, relative: the wait is no shorter than asked for, on either clock, and 0 returns at once. */
#include "poll.h"

static void test(void) {
    static const uint32_t ids[] = {MONOTONIC, REALTIME};
    for (int i = 0; i < 2; i++) {
        uint64_t start = now(MONOTONIC);
        subs[0] = on_clock(42, ids[i], 5 * MS, 0);
        EQ(poll(1), 1);
        IS(now(MONOTONIC) - start >= 5 * MS);
        EQ(events[0].userdata, 42);
        EQ(events[0].error, SUCCESS);
        EQ(events[0].type, EVENT_CLOCK);

        subs[0] = on_clock(~(uint64_t)0, ids[i], 0, 0);
        EQ(poll(1), 1);
        EQ(events[0].userdata, ~(uint64_t)0);
        EQ(events[0].error, SUCCESS);
    }
    /* Precision is how much later it may be; it shortens nothing. */
    uint64_t start = now(MONOTONIC);
    subs[0] = on_clock(1, MONOTONIC, 2 * MS, 0);
    subs[0].u.clock.precision = 1000 * MS;
    EQ(poll(1), 1);
    IS(now(MONOTONIC) - start >= 2 * MS);
    /* Many short sleeps add up. */
    start = now(MONOTONIC);
    subs[0] = on_clock(1, MONOTONIC, MS / 10, 0);
    for (int i = 0; i < 50; i++) EQ(poll(1), 1);
    IS(now(MONOTONIC) - start >= 5 * MS);
}
