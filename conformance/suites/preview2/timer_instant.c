/* A pollable of an instant becomes ready when that has come, and not before. */
#include "case.h"

static void test(void) {
    uint64_t when = monotonic_clock_now() + 20000000;
    pollable_t timer = monotonic_clock_subscribe_instant(when);
    pollable_block(timer);
    IS(monotonic_clock_now() >= when);
    pollable_drop(timer);
}
