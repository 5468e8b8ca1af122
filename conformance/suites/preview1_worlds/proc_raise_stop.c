/* Signals that would stop the program: nobody could continue it, so they are refused. */
#include "../preview1/check.h"

static void test(void) {
    for (uint32_t signal = SIGNAL_STOP; signal <= SIGNAL_TTOU; signal++) FAILS(ENOTSUP, proc_raise(signal));
}
