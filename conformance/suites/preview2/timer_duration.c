/* A pollable of a duration becomes ready when that has passed, and not before. */
#include "case.h"

static void test(void) {
    uint64_t before = monotonic_clock_now();
    pollable_t timer = monotonic_clock_subscribe_duration(20000000);
    pollable_block(timer);
    IS(monotonic_clock_now() - before >= 20000000);
    IS(pollable_ready(timer));
    pollable_drop(timer);
}
