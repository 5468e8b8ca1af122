/* write-zeroes writes so many zeroes, over what is there. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 3));
    pollable_t can = output_stream_subscribe(out);
    while (GIVES(output_stream_check_write(out)) < 4) pollable_block(can);
    WORKS(output_stream_write_zeroes(out, 4));
    WORKS(output_stream_blocking_flush(out));
    pollable_drop(can);
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("data"), "012\0\0\0\000789");
}
