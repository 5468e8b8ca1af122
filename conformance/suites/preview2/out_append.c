/* A stream that appends writes at the end, wherever that is by then. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("begin"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    output_stream_t out = OK(descriptor_append_via_stream(file));
    WORKS(output_stream_blocking_write_and_flush(out, B(", one")));
    write_all(file, B(" of others"), 10);
    WORKS(output_stream_blocking_write_and_flush(out, B(", two")));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("data"), "begin, one of others, two");
}
