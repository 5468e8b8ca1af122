/* A stdout that nobody reads permits nothing sooner or later; then its pollable isn't ready, and a timer ends the wait. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("hello")));
    int tries = 0;
    for (uint64_t room; (room = GIVES(output_stream_check_write(out)));) {
        IS(tries++ < 10000);
        WORKS(output_stream_write(out, (list_u8_t){block, room < BLOCK ? (uint32_t)room : BLOCK}));
    }
    pollable_t all[] = {output_stream_subscribe(out), monotonic_clock_subscribe_duration(1000000)};
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 1);
    EQ(ready.data[0], 1);
    pollable_drop(all[0]);
    pollable_drop(all[1]);
    output_stream_drop(out);
}
