/* A file that was opened only for writing gives no stream to read, or one that can't be read: the standard names no code. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, WRITE);
    result_input_stream_error_code_t in = descriptor_read_via_stream(file, 0);
    if (in.is_err) {
        EITHER(BAD_DESCRIPTOR, NOT_PERMITTED, in);
    } else {
        error_drop(BROKEN(input_stream_blocking_read(in.ok, 1)));
        input_stream_drop(in.ok);
    }
    descriptor_drop(file);
}
