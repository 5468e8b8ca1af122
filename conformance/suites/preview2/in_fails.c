/* Where no file can reach, reading fails or meets the end; a failure is an error of the file system, and closes the stream. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, UINT64_MAX));
    result_list_u8_stream_error_t got = input_stream_blocking_read(in, 1);
    IS(got.is_err);
    if (got.err.tag == STREAM_ERROR_LAST_OPERATION_FAILED) {
        IS(types_filesystem_error_code(got.err.last_operation_failed).is_some);
        error_drop(got.err.last_operation_failed);
    }
    CLOSED(input_stream_blocking_read(in, 1));
    input_stream_drop(in);
    descriptor_drop(file);
}
