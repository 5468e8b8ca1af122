/* set-times-at sets the times of what has a name. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    new_timestamp_t a = {NEW_TIMESTAMP_TIMESTAMP, {{3000, 0}}}, m = {NEW_TIMESTAMP_TIMESTAMP, {{4000, 0}}};
    DONE(descriptor_set_times_at(root(), 0, S("data"), a, m));
    EQ(stat_of(S("data")).data_access_timestamp.some.seconds, 3000);
    EQ(stat_of(S("data")).data_modification_timestamp.some.seconds, 4000);
    FAILS(NO_ENTRY, descriptor_set_times_at(root(), 0, S("nothing"), a, m));
    FAILS(NOT_DIRECTORY, descriptor_set_times_at(root(), 0, S("data/below"), a, m));
}
