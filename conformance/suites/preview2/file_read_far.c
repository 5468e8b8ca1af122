/* An offset that no file reaches is no place to read from: an error, or the end. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    result_tuple_list_u8_bool_error_code_t got = descriptor_read(file, 1, UINT64_MAX);
    if (got.is_err) EITHER(INVALID, OVERFLOW, got);
    else IS(got.ok.f0.size == 0 && got.ok.f1);
    descriptor_drop(file);
}
