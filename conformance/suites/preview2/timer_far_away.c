/* The longest duration and the last instant don't come, and don't overflow into the past. */
#include "case.h"

static void test(void) {
    pollable_t all[] = {monotonic_clock_subscribe_duration(UINT64_MAX), monotonic_clock_subscribe_instant(UINT64_MAX),
                        monotonic_clock_subscribe_duration(1000000)};
    IS(!pollable_ready(all[0]) && !pollable_ready(all[1]));
    list_u32_t ready = poll_poll((list_pollable_t){all, 3});
    EQ(ready.size, 1);
    EQ(ready.data[0], 2);
    for (int i = 0; i < 3; i++) pollable_drop(all[i]);
}
