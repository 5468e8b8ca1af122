/* blocking-splice copies a file to another one, until the source is closed. */
#include "case.h"

static void test(void) {
    make_file(S("from"), B("0123456789"));
    descriptor_t from = open_in(S("from"), 0, READ), to = open_in(S("to"), CREATE, READ | WRITE);
    input_stream_t in = OK(descriptor_read_via_stream(from, 0));
    output_stream_t out = OK(descriptor_write_via_stream(to, 0));
    uint64_t moved = 0;
    while (moved < 10) {
        uint64_t n = GIVES(output_stream_blocking_splice(out, in, 3));
        IS(n > 0 && n <= 3);
        moved += n;
    }
    CLOSED(output_stream_blocking_splice(out, in, 3));
    WORKS(output_stream_blocking_flush(out));
    input_stream_drop(in);
    output_stream_drop(out);
    descriptor_drop(from);
    descriptor_drop(to);
    HOLDS(S("to"), "0123456789");
}
