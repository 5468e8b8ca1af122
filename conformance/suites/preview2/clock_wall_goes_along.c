/* While ten milliseconds pass on the monotonic clock, the wall clock isn't put back by an hour, nor goes on by one. */
#include "case.h"

static void test(void) {
    uint64_t before = wall_clock_now().seconds;
    pollable_t timer = monotonic_clock_subscribe_duration(10000000);
    pollable_block(timer);
    pollable_drop(timer);
    uint64_t after = wall_clock_now().seconds;
    IS(after + 3600 > before && after < before + 3600);
}
