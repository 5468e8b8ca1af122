/* Flushing what nothing was written to works, both ways. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    WORKS(output_stream_flush(out));
    WORKS(output_stream_blocking_flush(out));
    WORKS(output_stream_blocking_flush(out));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("new"), "");
}
