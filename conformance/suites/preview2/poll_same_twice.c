/* One pollable may stand in the list twice: both places are told. */
#include "case.h"

static void test(void) {
    pollable_t timer = monotonic_clock_subscribe_instant(0), all[] = {timer, timer};
    pollable_block(timer);
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 2);
    EQ(ready.data[0] + ready.data[1], 1);
    pollable_drop(timer);
}
