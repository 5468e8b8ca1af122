/* Polling one pollable waits until it is ready, and tells its place. */
#include "case.h"

static void test(void) {
    uint64_t before = monotonic_clock_now();
    pollable_t timer = monotonic_clock_subscribe_duration(5000000);
    list_u32_t ready = poll_poll((list_pollable_t){&timer, 1});
    EQ(ready.size, 1);
    EQ(ready.data[0], 0);
    IS(monotonic_clock_now() - before >= 5000000);
    pollable_drop(timer);
}
