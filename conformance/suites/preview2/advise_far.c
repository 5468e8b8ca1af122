/* Advice on a place that no file has is taken or invalid. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    result_void_error_code_t done = descriptor_advise(file, UINT64_MAX, UINT64_MAX, ADVICE_WILL_NEED);
    if (done.is_err) EITHER(INVALID, OVERFLOW, done);
    descriptor_drop(file);
}
