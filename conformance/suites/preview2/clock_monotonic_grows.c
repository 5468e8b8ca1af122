/* The monotonic clock never goes back. */
#include "case.h"

static void test(void) {
    uint64_t last = monotonic_clock_now();
    for (int i = 0; i < 1000; i++) {
        uint64_t now = monotonic_clock_now();
        IS(now >= last);
        last = now;
    }
}
