/* The pollable of a stdin with data is ready; then it can be read without waiting. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    pollable_t can = input_stream_subscribe(in);
    size_t got = 0;
    while (got < 5) {
        pollable_block(can);
        list_u8_t part = GIVES(input_stream_read(in, 5 - got));
        IS(same(part.data, &"ready"[got], part.size));
        got += part.size;
    }
    pollable_drop(can);
    input_stream_drop(in);
}
