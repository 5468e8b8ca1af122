/* What is written to stdout arrives there. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("hello, ")));
    WORKS(output_stream_blocking_write_and_flush(out, B("stdout\n")));
    output_stream_drop(out);
}
