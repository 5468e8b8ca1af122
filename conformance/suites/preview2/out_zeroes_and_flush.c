/* blocking-write-zeroes-and-flush writes up to 4096 zeroes, and none too. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    WORKS(output_stream_blocking_write_zeroes_and_flush(out, 4096));
    WORKS(output_stream_blocking_write_zeroes_and_flush(out, 0));
    WORKS(output_stream_blocking_write_zeroes_and_flush(out, 1));
    output_stream_drop(out);
    EQ(read_all(file, block, 8192, 0), 4097);
    for (int i = 0; i < 4097; i++) IS(block[i] == 0);
    descriptor_drop(file);
}
