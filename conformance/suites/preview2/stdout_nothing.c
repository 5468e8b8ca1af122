/* Writing nothing is no error, and writes nothing. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("")));
    GIVES(output_stream_check_write(out));
    WORKS(output_stream_write(out, B("")));
    WORKS(output_stream_blocking_flush(out));
    output_stream_drop(out);
}
