/* An instant that has passed is ready at once: the beginning of the clock, and now. */
#include "case.h"

static void test(void) {
    pollable_t first = monotonic_clock_subscribe_instant(0), now = monotonic_clock_subscribe_instant(monotonic_clock_now());
    pollable_block(first);
    pollable_block(now);
    IS(pollable_ready(first) && pollable_ready(now));
    pollable_drop(first);
    pollable_drop(now);
}
