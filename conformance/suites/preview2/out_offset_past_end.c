/* What is written past the end leaves zeroes before it. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("01"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 5));
    WORKS(output_stream_blocking_write_and_flush(out, B("x")));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("data"), "01\0\0\0x");
}
