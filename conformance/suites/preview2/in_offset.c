/* A stream begins at the offset that it was made with. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    for (uint64_t at = 0; at < 10; at++) {
        input_stream_t in = OK(descriptor_read_via_stream(file, at));
        EQ(GIVES(input_stream_blocking_read(in, 1)).data[0], '0' + at);
        input_stream_drop(in);
    }
    descriptor_drop(file);
}
