/* exit with an error ends it with 1. */
#include "case.h"

static void test(void) {
    exit_exit((result_void_void_t){1});
    __builtin_trap();
}
