/* What was written before proc_exit arrives, and the code goes through calls however deep. */
#include "check.h"

__attribute__((noinline)) static int deeper(volatile int *left) {
    if (--*left == 0) proc_exit(7);
    return deeper(left) + 1;
}

static void test(void) {
    volatile int left = 100;
    write_all(1, "before\n", 7);
    write_all(2, "and here\n", 9);
    deeper(&left);
    write_all(1, "after\n", 6);
}
