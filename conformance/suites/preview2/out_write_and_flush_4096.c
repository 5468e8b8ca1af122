/* The largest piece that blocking-write-and-flush takes is 4096 bytes. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    for (int i = 0; i < 4096; i++) block[i] = (uint8_t)(i * 11);
    WORKS(output_stream_blocking_write_and_flush(out, (list_u8_t){block, 4096}));
    WORKS(output_stream_blocking_write_and_flush(out, (list_u8_t){block, 4096}));
    output_stream_drop(out);
    EQ(read_all(file, block + 4096, 10000, 0), 8192);
    IS(same(block, block + 4096, 4096) && same(block, block + 8192, 4096));
    descriptor_drop(file);
}
