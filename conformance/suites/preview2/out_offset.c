/* A stream writes from its offset on, over what is there and beyond it. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 8));
    WORKS(output_stream_blocking_write_and_flush(out, B("abcd")));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("data"), "01234567abcd");
}
