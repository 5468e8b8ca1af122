/* Two streams that write to one file have a place each. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t a = OK(descriptor_write_via_stream(file, 0)), b = OK(descriptor_write_via_stream(file, 4));
    for (int i = 0; i < 4; i++) {
        WORKS(output_stream_blocking_write_and_flush(a, B("a")));
        WORKS(output_stream_blocking_write_and_flush(b, B("b")));
    }
    output_stream_drop(a);
    output_stream_drop(b);
    descriptor_drop(file);
    HOLDS(S("new"), "aaaabbbb");
}
