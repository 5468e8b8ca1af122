/* Stderr is its own stream, apart from stdout. */
#include "check.h"

static void test(void) {
    write_all(2, "err 1\n", 6);
    write_all(1, "out\n", 4);
    write_all(2, "err 2", 5);
}
