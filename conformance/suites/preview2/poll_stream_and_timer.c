/* A file can always be read: its pollable is ready beside a timer that isn't. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("data"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    pollable_t all[] = {monotonic_clock_subscribe_duration(3600000000000), input_stream_subscribe(in)};
    list_u32_t ready = poll_poll((list_pollable_t){all, 2});
    EQ(ready.size, 1);
    EQ(ready.data[0], 1);
    pollable_drop(all[0]);
    pollable_drop(all[1]);
    input_stream_drop(in);
    descriptor_drop(file);
}
