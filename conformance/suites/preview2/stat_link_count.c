/* Each hard link counts, each unlink counts back. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    DONE(descriptor_link_at(root(), 0, S("a"), root(), S("b")));
    EQ(stat_of(S("a")).link_count, 2);
    EQ(stat_of(S("b")).link_count, 2);
    DONE(descriptor_unlink_file_at(root(), S("a")));
    EQ(stat_of(S("b")).link_count, 1);
}
