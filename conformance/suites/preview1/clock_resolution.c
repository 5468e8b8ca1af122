/* clock_res_get: above 0 and not above a second, the same each time. */
#include "check.h"

static void test(void) {
    for (uint32_t id = REALTIME; id <= MONOTONIC; id++) {
        uint64_t first = 0, second = 0;
        OK(clock_res_get(id, &first));
        OK(clock_res_get(id, &second));
        IS(first > 0 && first <= 1000000000);
        EQ(first, second);
    }
}
