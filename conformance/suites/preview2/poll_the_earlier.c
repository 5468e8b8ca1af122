/* Of two timers the earlier one ends the wait; the later one isn't told of. */
#include "case.h"

static void test(void) {
    pollable_t all[] = {monotonic_clock_subscribe_duration(60000000000), monotonic_clock_subscribe_duration(5000000)};
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 1);
    EQ(ready.data[0], 1);
    IS(!pollable_ready(all[0]));
    pollable_drop(all[0]);
    pollable_drop(all[1]);
}
