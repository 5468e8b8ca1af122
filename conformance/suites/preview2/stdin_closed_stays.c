/* Once closed, stdin stays closed for each way of reading. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    while (!input_stream_blocking_read(in, 8).is_err) {}
    CLOSED(input_stream_blocking_read(in, 1));
    CLOSED(input_stream_read(in, 1));
    CLOSED(input_stream_blocking_skip(in, 1));
    CLOSED(input_stream_skip(in, 1));
    input_stream_drop(in);
}
