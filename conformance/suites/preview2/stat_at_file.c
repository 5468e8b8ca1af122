/* stat-at tells the same as stat. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    descriptor_stat_t a = OK(descriptor_stat(file)), b = stat_of(S("data"));
    IS(a.type == b.type && a.size == b.size && a.link_count == b.link_count);
    IS(a.data_modification_timestamp.is_some == b.data_modification_timestamp.is_some);
    EQ(a.data_modification_timestamp.some.seconds, b.data_modification_timestamp.some.seconds);
    EQ(a.data_modification_timestamp.some.nanoseconds, b.data_modification_timestamp.some.nanoseconds);
    descriptor_drop(file);
}
