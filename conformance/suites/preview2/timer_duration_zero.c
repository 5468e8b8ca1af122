/* A duration of nothing has passed at once. */
#include "case.h"

static void test(void) {
    pollable_t timer = monotonic_clock_subscribe_duration(0);
    pollable_block(timer);
    IS(pollable_ready(timer));
    pollable_drop(timer);
}
