/* Nothing can be written as often as one likes, and the file stays empty. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    for (int i = 0; i < 3; i++) WORKS(output_stream_blocking_write_and_flush(out, B("")));
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("new"), "");
}
