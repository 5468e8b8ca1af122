/* A signal that ends the program: the exit code is 128 and the signal's number. */
#include "../preview1/check.h"

static void test(void) {
    OK(proc_raise(SIGNAL_NONE));
    proc_raise(SIGNAL_TERM);
    IS(!"still there");
}
