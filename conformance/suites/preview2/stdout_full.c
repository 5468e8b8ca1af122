/* A stdout that nobody reads permits nothing, and its pollable isn't ready. */
#include "case.h"

static void test(void) {
    output_stream_t out = stdout_get_stdout();
    WORKS(output_stream_blocking_write_and_flush(out, B("hello")));
    EQ(GIVES(output_stream_check_write(out)), 0);
    pollable_t all[] = {output_stream_subscribe(out), monotonic_clock_subscribe_duration(1000000)};
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 1);
    EQ(ready.data[0], 1);
    pollable_drop(all[0]);
    pollable_drop(all[1]);
    output_stream_drop(out);
}
