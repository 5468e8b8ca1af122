/* Bytes go to stdout as they are, zeroes too. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("line\nä\tö\0.")));
    output_stream_drop(out);
}
