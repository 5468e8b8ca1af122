/* At the end of a file and past it, a stream is closed from the beginning. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    static const uint64_t offsets[] = {10, 11, 1 << 20};
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        input_stream_t in = OK(descriptor_read_via_stream(file, offsets[i]));
        CLOSED(input_stream_blocking_read(in, 1));
        input_stream_drop(in);
    }
    descriptor_drop(file);
}
