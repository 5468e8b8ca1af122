/* Two hundred pollables at once, of which one is ready. */
#include "case.h"

static void test(void) {
    pollable_t *all = (pollable_t *)block;
    for (int i = 0; i < 200; i++)
        all[i] = i == 137 ? monotonic_clock_subscribe_instant(0) : monotonic_clock_subscribe_duration(3600000000000);
    list_u32_t ready = poll_poll((list_pollable_t){all, 200});
    EQ(ready.size, 1);
    EQ(ready.data[0], 137);
    for (int i = 0; i < 200; i++) pollable_drop(all[i]);
}
