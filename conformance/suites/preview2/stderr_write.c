/* What is written to stderr arrives there, and not on stdout. */
#include "case.h"

static void test(void) {
    output_stream_t err = stderr_get_stderr();
    WORKS(output_stream_blocking_write_and_flush(err, B("hello, stderr\n")));
    output_stream_drop(err);
}
