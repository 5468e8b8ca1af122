/* What is an hour away isn't ready, however it is asked for. */
#include "case.h"

static void test(void) {
    uint64_t hour = 3600000000000;
    pollable_t a = monotonic_clock_subscribe_duration(hour), b = monotonic_clock_subscribe_instant(monotonic_clock_now() + hour);
    IS(!pollable_ready(a) && !pollable_ready(b));
    pollable_drop(a);
    pollable_drop(b);
}
