/* stdout permits to write, and takes what it permits. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    pollable_t can = output_stream_subscribe(out);
    for (int i = 0; i < 6; i++) {
        uint64_t room;
        while (!(room = GIVES(output_stream_check_write(out)))) pollable_block(can);
        WORKS(output_stream_write(out, (list_u8_t){(const uint8_t *)"abcdef" + i, 1}));
    }
    WORKS(output_stream_blocking_flush(out));
    pollable_drop(can);
    output_stream_drop(out);
}
