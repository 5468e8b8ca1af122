/* Four hundred thousand bytes go through a stream in pieces of whatever is permitted. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("large"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    pollable_t can = output_stream_subscribe(out);
    for (uint32_t at = 0; at < 400000;) {
        uint64_t room = GIVES(output_stream_check_write(out));
        uint32_t size = room < 50000 ? (uint32_t)room : 50000;
        if (size > 400000 - at) size = 400000 - at;
        for (uint32_t i = 0; i < size; i++) block[i] = (uint8_t)((at + i) * 5 + (at + i) / 251);
        if (size) WORKS(output_stream_write(out, (list_u8_t){block, size}));
        else pollable_block(can);
        at += size;
    }
    WORKS(output_stream_blocking_flush(out));
    pollable_drop(can);
    output_stream_drop(out);
    EQ(OK(descriptor_stat(file)).size, 400000);
    for (uint32_t at = 0; at < 400000; at += 50000) {
        uint32_t mark = arena_mark();
        EQ(read_all(file, block, 50000, at), 50000);
        for (uint32_t i = 0; i < 50000; i++) IS(block[i] == (uint8_t)((at + i) * 5 + (at + i) / 251));
        arena_release(mark);
    }
    descriptor_drop(file);
}
