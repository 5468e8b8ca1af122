/* A directory's times can be set. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ | MUTATE);
    new_timestamp_t set = {NEW_TIMESTAMP_TIMESTAMP, {{5000, 0}}};
    DONE(descriptor_set_times(sub, set, set));
    EQ(OK(descriptor_stat(sub)).data_modification_timestamp.some.seconds, 5000);
    descriptor_drop(sub);
}
