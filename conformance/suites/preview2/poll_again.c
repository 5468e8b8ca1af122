/* A timer that is over stays ready, for ready, block and poll. */
#include "case.h"

static void test(void) {
    pollable_t timer = monotonic_clock_subscribe_duration(1000000);
    for (int i = 0; i < 3; i++) {
        pollable_block(timer);
        IS(pollable_ready(timer));
        EQ(poll_poll((list_pollable_t){&timer, 1}).size, 1);
    }
    pollable_drop(timer);
}
