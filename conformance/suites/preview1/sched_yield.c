/* sched_yield: there is nobody to yield to, and that is fine. */
#include "check.h"

static void test(void) {
    for (int i = 0; i < 100; i++) OK(sched_yield());
}
