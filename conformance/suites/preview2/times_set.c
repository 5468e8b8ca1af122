/* set-times sets both times, each to what it is given. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    new_timestamp_t a = {NEW_TIMESTAMP_TIMESTAMP, {{1000000001, 500}}}, m = {NEW_TIMESTAMP_TIMESTAMP, {{1234567890, 987654000}}};
    DONE(descriptor_set_times(file, a, m));
    descriptor_stat_t st = OK(descriptor_stat(file));
    IS(st.data_access_timestamp.is_some && st.data_modification_timestamp.is_some);
    EQ(st.data_access_timestamp.some.seconds, 1000000001);
    EQ(st.data_access_timestamp.some.nanoseconds, 500);
    EQ(st.data_modification_timestamp.some.seconds, 1234567890);
    EQ(st.data_modification_timestamp.some.nanoseconds, 987654000);
    descriptor_drop(file);
}
