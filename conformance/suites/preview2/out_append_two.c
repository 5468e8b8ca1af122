/* Two streams that append to one file don't write over each other. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t a = OK(descriptor_append_via_stream(file)), b = OK(descriptor_append_via_stream(file));
    for (int i = 0; i < 3; i++) {
        WORKS(output_stream_blocking_write_and_flush(a, B("a")));
        WORKS(output_stream_blocking_write_and_flush(b, B("b")));
    }
    output_stream_drop(a);
    output_stream_drop(b);
    descriptor_drop(file);
    HOLDS(S("new"), "ababab");
}
