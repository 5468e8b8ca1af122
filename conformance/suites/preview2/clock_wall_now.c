/* The wall clock's nanoseconds are less than a second's. */
#include "case.h"

static void test(void) {
    for (int i = 0; i < 100; i++) IS(wall_clock_now().nanoseconds < 1000000000);
}
