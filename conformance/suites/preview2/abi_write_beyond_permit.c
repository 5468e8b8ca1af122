/* Who writes without a permit, or more than was permitted, is stopped. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    uint64_t room = GIVES(output_stream_check_write(out));
    uint8_t *data = arena_realloc(0, 0, 1, room + 1);
    output_stream_write(out, (list_u8_t){data, room + 1});
}
