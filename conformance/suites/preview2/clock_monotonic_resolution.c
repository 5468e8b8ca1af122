/* A tick of the monotonic clock takes some time, and always the same. */
#include "case.h"

static void test(void) {
    uint64_t tick = monotonic_clock_resolution();
    IS(tick > 0 && tick <= 1000000000);
    EQ(monotonic_clock_resolution(), tick);
}
