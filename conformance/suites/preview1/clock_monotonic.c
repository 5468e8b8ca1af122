/* The monotonic clock never goes back, whatever precision is asked for. */
#include "check.h"

static void test(void) {
    static const uint64_t precisions[] = {0, 1, 1000000, ~(uint64_t)0};
    uint64_t last = 0, time;
    for (int i = 0; i < 1000; i++) {
        OK(clock_time_get(MONOTONIC, precisions[i % 4], &time));
        IS(i == 0 || time >= last);
        last = time;
    }
}
