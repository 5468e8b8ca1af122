/* The monotonic clock goes on by itself, sooner or later. */
#include "case.h"

static void test(void) {
    uint64_t first = monotonic_clock_now();
    int tries = 0;
    while (monotonic_clock_now() == first) IS(tries++ < 10000000);
}
