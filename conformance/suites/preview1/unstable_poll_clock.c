/* wasi_unstable's subscription has 56 bytes: a clock brings an identifier before its id. */
#define WASI_UNSTABLE
#include "poll.h"

static void test(void) {
    uint64_t start = now(MONOTONIC);
    subs[0] = on_clock(42, MONOTONIC, 5 * MS, 0);
    subs[0].u.clock.identifier = 0x1122334455667788;
    EQ(poll(1), 1);
    EQ(events[0].userdata, 42);
    EQ(events[0].error, SUCCESS);
    EQ(events[0].type, EVENT_CLOCK);
    IS(now(MONOTONIC) - start >= 5 * MS);

    subs[0] = on_clock(1, MONOTONIC, 30000 * MS, 0);
    subs[1] = on_clock(2, MONOTONIC, now(MONOTONIC), ABSTIME);
    subs[2] = on_clock(3, REALTIME, 30000 * MS, 0);
    EQ(poll(3), 1);
    EQ(events[0].userdata, 2);
    size_u32 count;
    FAILS(EINVAL, poll_oneoff(subs, events, 0, &count));
}
