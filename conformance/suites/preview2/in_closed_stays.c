/* A stream that is closed says so to each way of reading, again and again. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    while (!input_stream_blocking_read(in, 8).is_err) {}
    for (int i = 0; i < 2; i++) {
        CLOSED(input_stream_read(in, 1));
        CLOSED(input_stream_blocking_read(in, 1));
        CLOSED(input_stream_skip(in, 1));
        CLOSED(input_stream_blocking_skip(in, 1));
    }
    input_stream_drop(in);
    descriptor_drop(file);
}
