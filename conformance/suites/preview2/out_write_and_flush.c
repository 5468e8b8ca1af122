/* blocking-write-and-flush puts one piece behind the other. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    WORKS(output_stream_blocking_write_and_flush(out, B("one, ")));
    WORKS(output_stream_blocking_write_and_flush(out, B("two, ")));
    WORKS(output_stream_blocking_write_and_flush(out, B("three")));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("new"), "one, two, three");
}
