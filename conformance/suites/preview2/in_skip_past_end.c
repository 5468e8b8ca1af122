/* Skipping stops at the end: no more is told than there was, and then the stream is closed. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 4));
    uint64_t all = 0;
    while (all < 6) all += GIVES(input_stream_blocking_skip(in, 1000));
    EQ(all, 6);
    CLOSED(input_stream_blocking_skip(in, 1000));
    input_stream_drop(in);
    descriptor_drop(file);
}
