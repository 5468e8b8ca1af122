/* Four billion nanoseconds are no part of a second, here neither. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    new_timestamp_t wrong = {NEW_TIMESTAMP_TIMESTAMP, {{1000, UINT32_MAX}}}, keep = {NEW_TIMESTAMP_NO_CHANGE, {{0, 0}}};
    result_void_error_code_t done = descriptor_set_times_at(root(), 0, S("data"), keep, wrong);
    datetime_t is = stat_of(S("data")).data_modification_timestamp.some;
    IS(is.nanoseconds < 1000000000);
    if (done.is_err) EITHER(INVALID, OVERFLOW, done);
    else EQ(is.seconds, 1004);
}
