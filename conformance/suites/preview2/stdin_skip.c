/* What is skipped isn't read. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    uint64_t skipped = 0;
    while (skipped < 4) {
        uint64_t n = GIVES(input_stream_blocking_skip(in, 4 - skipped));
        IS(n > 0 && n <= 4 - skipped);
        skipped += n;
    }
    IS(same(GIVES(input_stream_blocking_read(in, 1)).data, "4", 1));
    input_stream_drop(in);
}
