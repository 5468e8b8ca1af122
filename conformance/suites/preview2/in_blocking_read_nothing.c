/* blocking-read is as read but for waiting: to ask for no bytes succeeds while the stream is open. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    EQ(GIVES(input_stream_blocking_read(in, 0)).size, 0);
    EQ(GIVES(input_stream_blocking_skip(in, 0)), 0);
    IS(same(GIVES(input_stream_blocking_read(in, 1)).data, "x", 1));
    input_stream_drop(in);
    descriptor_drop(file);
}
