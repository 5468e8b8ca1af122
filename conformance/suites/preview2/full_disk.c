/* On a full disk, write and set-size or what is written behind it fail with insufficient-space, and streams with that error. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    memset(block, 'x', 32768);
    result_u64_error_code_t done = {0};
    uint64_t at = 0;
    for (int i = 0; i < 100 && !done.is_err; i++) {
        done = descriptor_write(file, (list_u8_t){block, 32768}, at);
        if (!done.is_err) at += done.ok;
    }
    EITHER(INSUFFICIENT_SPACE, QUOTA, done);
    IS(at <= 65536);
    output_stream_t out = OK(descriptor_append_via_stream(file));
    result_void_stream_error_t end = {0};
    for (int i = 0; i < 100 && !end.is_err; i++) end = output_stream_blocking_write_and_flush(out, (list_u8_t){block, 4096});
    error_t error = BROKEN(end);
    option_error_code_t code = types_filesystem_error_code(error);
    IS(code.is_some && (code.some == ERROR_CODE_INSUFFICIENT_SPACE || code.some == ERROR_CODE_QUOTA));
    error_drop(error);
    output_stream_drop(out);
    descriptor_drop(file);
}
