/* blocking-splice moves all of stdin to stdout, and is told when stdin is closed. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    output_stream_t out = stdout_get_stdout();
    uint64_t moved = 0;
    while (moved < 26) {
        uint64_t n = GIVES(output_stream_blocking_splice(out, in, 100));
        IS(n <= 26 - moved);
        moved += n;
    }
    CLOSED(output_stream_blocking_splice(out, in, 100));
    WORKS(output_stream_blocking_flush(out));
    input_stream_drop(in);
    output_stream_drop(out);
}
