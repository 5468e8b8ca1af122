/* now is the wall clock's time, as nearly as files keep it on a busy machine. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    new_timestamp_t old = {NEW_TIMESTAMP_TIMESTAMP, {{1000, 0}}}, now = {NEW_TIMESTAMP_NOW, {{0, 0}}};
    DONE(descriptor_set_times(file, old, old));
    uint64_t before = wall_clock_now().seconds;
    DONE(descriptor_set_times(file, now, now));
    uint64_t after = wall_clock_now().seconds;
    descriptor_stat_t st = OK(descriptor_stat(file));
    IS(st.data_access_timestamp.some.seconds + 10 >= before && st.data_access_timestamp.some.seconds <= after);
    IS(st.data_modification_timestamp.some.seconds + 10 >= before && st.data_modification_timestamp.some.seconds <= after);
    descriptor_drop(file);
}
