/* set-times-at of a link: the link's own times, or with symlink-follow those of what it leads to. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    DONE(descriptor_symlink_at(root(), S("data"), S("link")));
    new_timestamp_t a = {NEW_TIMESTAMP_TIMESTAMP, {{3000, 0}}}, b = {NEW_TIMESTAMP_TIMESTAMP, {{4000, 0}}};
    DONE(descriptor_set_times_at(root(), FOLLOW, S("link"), a, a));
    EQ(stat_of(S("data")).data_modification_timestamp.some.seconds, 3000);
    DONE(descriptor_set_times_at(root(), 0, S("link"), b, b));
    EQ(stat_of(S("link")).data_modification_timestamp.some.seconds, 4000);
    EQ(stat_of(S("data")).data_modification_timestamp.some.seconds, 3000);
}
