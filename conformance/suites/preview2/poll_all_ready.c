/* Of pollables that are all ready, every one is told of. */
#include "case.h"

static void test(void) {
    pollable_t all[4];
    uint32_t seen = 0;
    for (int i = 0; i < 4; i++) all[i] = monotonic_clock_subscribe_instant(0);
    for (int i = 0; i < 4; i++) pollable_block(all[i]);
    list_u32_t ready = poll_poll((list_pollable_t){all, 4});
    EQ(ready.size, 4);
    for (size_t i = 0; i < ready.size; i++) seen |= 1u << ready.data[i];
    EQ(seen, 15);
    for (int i = 0; i < 4; i++) pollable_drop(all[i]);
}
