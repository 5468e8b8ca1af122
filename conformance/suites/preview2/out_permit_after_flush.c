/* flush begins to flush; once it is done, the pollable is ready and there is room again. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    pollable_t can = output_stream_subscribe(out);
    for (int i = 0; i < 3; i++) {
        while (!GIVES(output_stream_check_write(out))) pollable_block(can);
        WORKS(output_stream_write(out, B("x")));
        WORKS(output_stream_flush(out));
    }
    while (!GIVES(output_stream_check_write(out))) pollable_block(can);
    pollable_drop(can);
    output_stream_drop(out);
    descriptor_drop(file);
    HOLDS(S("new"), "xxx");
}
