/* The wall clock's resolution is a time, and the same each time it is asked for. */
#include "case.h"

static void test(void) {
    datetime_t a = wall_clock_resolution(), b = wall_clock_resolution();
    IS(a.nanoseconds < 1000000000 && (a.seconds || a.nanoseconds));
    IS(a.seconds == b.seconds && a.nanoseconds == b.nanoseconds);
}
