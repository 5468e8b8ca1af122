/* The pollable of a file that nothing is written to is ready. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    pollable_t can = output_stream_subscribe(out);
    pollable_block(can);
    IS(pollable_ready(can));
    IS(GIVES(output_stream_check_write(out)) > 0);
    pollable_drop(can);
    output_stream_drop(out);
    descriptor_drop(file);
}
