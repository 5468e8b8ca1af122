/* exit-with-code gives any number. */
#include "case.h"

static void test(void) {
    exit_exit_with_code(42);
    __builtin_trap();
}
