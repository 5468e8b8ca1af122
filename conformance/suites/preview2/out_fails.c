/* Where no file can reach, writing fails: with an error of the file system, and then the stream is closed. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, UINT64_MAX - 1));
    error_t error = BROKEN(output_stream_blocking_write_and_flush(out, B("hello")));
    option_error_code_t code = types_filesystem_error_code(error);
    IS(code.is_some);
    IS(code.some == ERROR_CODE_INVALID || code.some == ERROR_CODE_FILE_TOO_LARGE || code.some == ERROR_CODE_OVERFLOW);
    IS(error_to_debug_string(error).size > 0);
    error_drop(error);
    CLOSED(output_stream_check_write(out));
    CLOSED(output_stream_blocking_flush(out));
    CLOSED(output_stream_blocking_write_and_flush(out, B("x")));
    output_stream_drop(out);
    descriptor_drop(file);
    EQ(stat_of(S("new")).size, 0);
}
