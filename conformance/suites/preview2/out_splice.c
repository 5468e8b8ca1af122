/* splice moves no more than it is asked for and tells how much; what is left stays in the source. */
#include "case.h"

static void test(void) {
    make_file(S("from"), B("0123456789"));
    descriptor_t from = open_in(S("from"), 0, READ), to = open_in(S("to"), CREATE, READ | WRITE);
    input_stream_t in = OK(descriptor_read_via_stream(from, 0));
    output_stream_t out = OK(descriptor_write_via_stream(to, 0));
    pollable_t can[] = {output_stream_subscribe(out), input_stream_subscribe(in)};
    uint64_t moved = 0;
    while (moved < 4) {
        pollable_block(can[0]);
        pollable_block(can[1]);
        uint64_t n = GIVES(output_stream_splice(out, in, 4 - moved));
        IS(n <= 4 - moved);
        moved += n;
    }
    WORKS(output_stream_blocking_flush(out));
    EQ(GIVES(input_stream_blocking_read(in, 1)).data[0], '4');
    pollable_drop(can[0]);
    pollable_drop(can[1]);
    input_stream_drop(in);
    output_stream_drop(out);
    descriptor_drop(from);
    descriptor_drop(to);
    HOLDS(S("to"), "0123");
}
