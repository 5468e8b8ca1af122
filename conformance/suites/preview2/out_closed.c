/* A stream that has failed is closed for every way of writing to it. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE), data = open_in(S("data"), 0, READ);
    output_stream_t out = OK(descriptor_write_via_stream(file, UINT64_MAX - 1));
    input_stream_t in = OK(descriptor_read_via_stream(data, 0));
    error_drop(BROKEN(output_stream_blocking_write_and_flush(out, B("hello"))));
    CLOSED(output_stream_check_write(out));
    CLOSED(output_stream_flush(out));
    CLOSED(output_stream_blocking_flush(out));
    CLOSED(output_stream_blocking_write_and_flush(out, B("x")));
    CLOSED(output_stream_blocking_write_zeroes_and_flush(out, 1));
    CLOSED(output_stream_splice(out, in, 1));
    CLOSED(output_stream_blocking_splice(out, in, 1));
    pollable_t ready = output_stream_subscribe(out);
    pollable_block(ready);
    pollable_drop(ready);
    output_stream_drop(out);
    EQ(GIVES(input_stream_blocking_read(in, 1)).data[0], 'x');
    input_stream_drop(in);
    descriptor_drop(file);
    descriptor_drop(data);
}
