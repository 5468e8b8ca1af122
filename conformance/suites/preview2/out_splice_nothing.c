/* To splice no bytes moves none. */
#include "case.h"

static void test(void) {
    make_file(S("from"), B("x"));
    descriptor_t from = open_in(S("from"), 0, READ), to = open_in(S("to"), CREATE, READ | WRITE);
    input_stream_t in = OK(descriptor_read_via_stream(from, 0));
    output_stream_t out = OK(descriptor_write_via_stream(to, 0));
    EQ(GIVES(output_stream_splice(out, in, 0)), 0);
    EQ(GIVES(input_stream_blocking_read(in, 1)).data[0], 'x');
    input_stream_drop(in);
    output_stream_drop(out);
    descriptor_drop(from);
    descriptor_drop(to);
    HOLDS(S("to"), "");
}
