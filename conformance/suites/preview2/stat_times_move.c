/* Writing to a file doesn't put its time of modification back, and sooner or later, where its clock is coarse, moves it on. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    option_datetime_t before = stat_of(S("data")).data_modification_timestamp;
    int moved = 0;
    for (int tries = 0; !moved; tries++) {
        IS(tries < 200);
        pollable_t timer = monotonic_clock_subscribe_duration(20000000);
        pollable_block(timer);
        pollable_drop(timer);
        descriptor_t file = open_in(S("data"), 0, WRITE);
        write_all(file, B("y"), 0);
        descriptor_drop(file);
        option_datetime_t after = stat_of(S("data")).data_modification_timestamp;
        IS(before.is_some == after.is_some);
        int same_second = after.some.seconds == before.some.seconds;
        IS(after.some.seconds > before.some.seconds || (same_second && after.some.nanoseconds >= before.some.nanoseconds));
        moved = !same_second || after.some.nanoseconds > before.some.nanoseconds;
    }
}
