/* A file's stream gives all of it in order, and is closed at its end. */
#include "case.h"

static void test(void) {
    static const char text[] = "the whole content of a file";
    make_file(S("data"), B("the whole content of a file"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    size_t got = 0;
    while (got < sizeof text - 1) {
        list_u8_t part = GIVES(input_stream_blocking_read(in, 10));
        IS(part.size > 0 && part.size <= 10);
        IS(same(part.data, text + got, part.size));
        got += part.size;
    }
    CLOSED(input_stream_blocking_read(in, 10));
    input_stream_drop(in);
    descriptor_drop(file);
}
