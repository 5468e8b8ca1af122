/* get-stdout may be called more than once: both handles lead to the one stream, in the order of writes. */
#include "case.h"

static void test(void) {
    output_stream_t a = stdout_get_stdout(), b = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(a, B("one ")));
    WORKS(output_stream_blocking_write_and_flush(b, B("two ")));
    output_stream_drop(a);
    WORKS(output_stream_blocking_write_and_flush(b, B("three")));
    output_stream_drop(b);
}
