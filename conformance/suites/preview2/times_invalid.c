/* A billion nanoseconds are no part of a second: refused, or counted as a second. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    new_timestamp_t wrong = {NEW_TIMESTAMP_TIMESTAMP, {{1000, 1000000000}}}, keep = {NEW_TIMESTAMP_NO_CHANGE, {{0, 0}}};
    result_void_error_code_t done = descriptor_set_times(file, keep, wrong);
    datetime_t is = OK(descriptor_stat(file)).data_modification_timestamp.some;
    IS(is.nanoseconds < 1000000000);
    if (done.is_err) EITHER(INVALID, OVERFLOW, done);
    else EQ(is.seconds, 1001);
    descriptor_drop(file);
}
