/* A list whose items aren't aligned traps. */
#include "case.h"

static void test(void) {
    pollable_t timer = monotonic_clock_subscribe_instant(0);
    memcpy(block + 1, &timer, 4);
    poll_poll((list_pollable_t){(pollable_t *)(uintptr_t)(block + 1), 1});
}
