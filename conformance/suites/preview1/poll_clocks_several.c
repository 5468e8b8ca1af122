/* Several clocks: the earliest ends the wait; equal ones end it together; userdata may repeat. */
#include "poll.h"

static void test(void) {
    uint64_t start = now(MONOTONIC);
    size_u32 n;
    subs[0] = on_clock(1, MONOTONIC, 30000 * MS, 0);
    subs[1] = on_clock(2, MONOTONIC, 5 * MS, 0);
    subs[2] = on_clock(3, REALTIME, 30000 * MS, 0);
    EQ(poll(3), 1);
    EQ(events[0].userdata, 2);
    IS(now(MONOTONIC) - start >= 5 * MS);
    IS(now(MONOTONIC) - start < 20000 * MS);

    subs[0] = on_clock(1, MONOTONIC, 0, 0);
    subs[1] = on_clock(2, MONOTONIC, 0, 0);
    subs[2] = on_clock(3, MONOTONIC, 0, ABSTIME);
    n = poll(3);
    IS(n >= 1);
    for (size_u32 i = 0; i < n; i++) EQ(events[i].error, SUCCESS);

    /* One that is due beats one that isn't, wherever it stands. */
    subs[0] = on_clock(1, MONOTONIC, 30000 * MS, 0);
    subs[1] = on_clock(1, MONOTONIC, 0, 0);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 1);
    /* Whatever is told of, the earliest is there: of those on a busy machine that may start late, with more between them. */
    uint64_t between = MS;
    do {
        IS(between < 2000 * MS);
        for (int i = 0; i < 16; i++) subs[i] = on_clock((uint64_t)i, MONOTONIC, (uint64_t)(16 - i) * between, 0);
        n = poll(16), between *= 4;
    } while (!event_of(15, n));
}
