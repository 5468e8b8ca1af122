/* A file of 300,000 bytes comes through whole, whatever the pieces. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("large"), CREATE, READ | WRITE);
    for (uint32_t at = 0; at < 300000; at += 50000) {
        for (uint32_t i = 0; i < 50000; i++) block[i] = (uint8_t)((at + i) * 7 + (at + i) / 256);
        write_all(file, (list_u8_t){block, 50000}, at);
    }
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    for (uint32_t at = 0; at < 300000;) {
        uint32_t mark = arena_mark();
        list_u8_t part = GIVES(input_stream_blocking_read(in, 65536));
        for (uint32_t i = 0; i < part.size; i++) IS(part.data[i] == (uint8_t)((at + i) * 7 + (at + i) / 256));
        at += part.size;
        arena_release(mark);
    }
    CLOSED(input_stream_blocking_read(in, 1));
    input_stream_drop(in);
    descriptor_drop(file);
}
