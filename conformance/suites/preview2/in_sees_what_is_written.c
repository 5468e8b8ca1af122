/* A stream reads what the file holds when it is read, not when the stream was made. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("old"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    write_all(file, B("new"), 0);
    size_t got = 0;
    while (got < 3) {
        list_u8_t part = GIVES(input_stream_blocking_read(in, 3 - got));
        IS(same(part.data, &"new"[got], part.size));
        got += part.size;
    }
    input_stream_drop(in);
    descriptor_drop(file);
}
