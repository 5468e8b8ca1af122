/* What was written arrives in the file without a flush, before the program has ended. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    GIVES(output_stream_check_write(out));
    WORKS(output_stream_write(out, B("kept")));
    pollable_t can = output_stream_subscribe(out);
    pollable_block(can);
    pollable_drop(can);
    EQ(read_all(file, block, 16, 0), 4);
    IS(same(block, "kept", 4));
    output_stream_drop(out);
    descriptor_drop(file);
}
