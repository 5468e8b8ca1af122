/* A stdin that has no more for now isn't closed: read gives nothing, its pollable isn't ready, and a timer ends the wait. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    size_t got = 0;
    while (got < 4) got += GIVES(input_stream_blocking_read(in, 100)).size;
    EQ(got, 4);
    EQ(GIVES(input_stream_read(in, 100)).size, 0);
    EQ(GIVES(input_stream_skip(in, 100)), 0);
    pollable_t all[] = {input_stream_subscribe(in), monotonic_clock_subscribe_duration(1000000)};
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 1);
    EQ(ready.data[0], 1);
    IS(!pollable_ready(all[0]));
    pollable_drop(all[0]);
    pollable_drop(all[1]);
    input_stream_drop(in);
}
