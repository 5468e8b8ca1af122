/* Half a megabyte in pieces of 60,000 bytes, read back whole. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("large"), CREATE, READ | WRITE);
    for (uint32_t at = 0; at < 480000; at += 60000) {
        for (uint32_t i = 0; i < 60000; i++) block[i] = (uint8_t)((at + i) * 3 + at / 997);
        write_all(file, (list_u8_t){block, 60000}, at);
    }
    EQ(OK(descriptor_stat(file)).size, 480000);
    for (uint32_t at = 0; at < 480000; at += 60000) {
        uint32_t mark = arena_mark();
        EQ(read_all(file, block, 60000, at), 60000);
        for (uint32_t i = 0; i < 60000; i++) IS(block[i] == (uint8_t)((at + i) * 3 + at / 997));
        arena_release(mark);
    }
    descriptor_drop(file);
}
