/* check-write permits, write takes it, blocking-flush puts it into the file. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    pollable_t can = output_stream_subscribe(out);
    while (GIVES(output_stream_check_write(out)) < 5) pollable_block(can);
    WORKS(output_stream_write(out, B("hello")));
    WORKS(output_stream_blocking_flush(out));
    pollable_drop(can);
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("new"), "hello");
}
