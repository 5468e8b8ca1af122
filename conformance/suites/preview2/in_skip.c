/* blocking-skip passes over bytes, tells how many, and the rest is read behind them. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    uint64_t at = 0;
    while (at < 6) {
        uint64_t n = GIVES(input_stream_blocking_skip(in, 6 - at));
        IS(n > 0 && n <= 6 - at);
        at += n;
    }
    EQ(GIVES(input_stream_blocking_read(in, 1)).data[0], '6');
    input_stream_drop(in);
    descriptor_drop(file);
}
