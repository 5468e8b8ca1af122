/* exit-with-code with 0 ends it well. */
#include "case.h"

static void test(void) {
    exit_exit_with_code(0);
    IS(!"exit came back");
}
