/* no-change leaves a time alone. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    new_timestamp_t set = {NEW_TIMESTAMP_TIMESTAMP, {{1000, 0}}}, other = {NEW_TIMESTAMP_TIMESTAMP, {{2000, 0}}};
    new_timestamp_t keep = {NEW_TIMESTAMP_NO_CHANGE, {{0, 0}}};
    DONE(descriptor_set_times(file, set, set));
    DONE(descriptor_set_times(file, keep, other));
    EQ(OK(descriptor_stat(file)).data_access_timestamp.some.seconds, 1000);
    EQ(OK(descriptor_stat(file)).data_modification_timestamp.some.seconds, 2000);
    DONE(descriptor_set_times(file, other, keep));
    DONE(descriptor_set_times(file, keep, keep));
    EQ(OK(descriptor_stat(file)).data_access_timestamp.some.seconds, 2000);
    EQ(OK(descriptor_stat(file)).data_modification_timestamp.some.seconds, 2000);
    descriptor_drop(file);
}
