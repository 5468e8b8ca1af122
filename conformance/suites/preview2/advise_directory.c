/* Advice on a directory is taken or refused: the standard names no code. */
#include "case.h"

static void test(void) {
    result_void_error_code_t done = descriptor_advise(root(), 0, 0, ADVICE_NORMAL);
    if (done.is_err) ONE_OF(BAD_DESCRIPTOR, IS_DIRECTORY, INVALID, done);
}
