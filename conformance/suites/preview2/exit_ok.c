/* exit with ok ends the program at once, and well. */
#include "case.h"

static void test(void) {
    exit_exit((result_void_void_t){0});
    IS(!"exit came back");
}
