/* read may give nothing yet, but no more than was asked for; with its pollable it gets to the end. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    pollable_t can = input_stream_subscribe(in);
    size_t got = 0;
    while (got < 10) {
        list_u8_t part = GIVES(input_stream_read(in, 3));
        IS(part.size <= 3);
        IS(same(part.data, &"0123456789"[got], part.size));
        got += part.size;
        if (!part.size) pollable_block(can);
    }
    pollable_drop(can);
    input_stream_drop(in);
    descriptor_drop(file);
}
