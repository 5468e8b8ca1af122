/* A stdout whose reader is gone fails once, or is closed at once, and is closed from then on. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("hello")));
    result_void_stream_error_t done = output_stream_blocking_write_and_flush(out, B("more"));
    IS(done.is_err);
    if (done.err.tag == STREAM_ERROR_LAST_OPERATION_FAILED) error_drop(done.err.last_operation_failed);
    CLOSED(output_stream_blocking_write_and_flush(out, B("more")));
    CLOSED(output_stream_check_write(out));
    output_stream_drop(out);
}
