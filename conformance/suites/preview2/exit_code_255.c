/* exit-with-code gives the largest number. */
#include "case.h"

static void test(void) {
    exit_exit_with_code(255);
    __builtin_trap();
}
