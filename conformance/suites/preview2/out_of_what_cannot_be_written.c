/* A file that was opened only for reading gives no stream to write or to append, or one that can't be written. */
#include "case.h"

static void check(result_output_stream_error_code_t out) {
    if (out.is_err) {
        EITHER(BAD_DESCRIPTOR, NOT_PERMITTED, out);
    } else {
        error_drop(BROKEN(output_stream_blocking_write_and_flush(out.ok, B("y"))));
        output_stream_drop(out.ok);
    }
}

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    check(descriptor_write_via_stream(file, 0));
    check(descriptor_append_via_stream(file));
    descriptor_drop(file);
    HOLDS(S("data"), "x");
}
