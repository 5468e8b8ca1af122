/* stat-at of a link: the link itself, or with symlink-follow what it leads to. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    DONE(descriptor_symlink_at(root(), S("data"), S("link")));
    descriptor_stat_t link = OK(descriptor_stat_at(root(), 0, S("link")));
    EQ(link.type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    EQ(link.size, 4);
    descriptor_stat_t file = OK(descriptor_stat_at(root(), FOLLOW, S("link")));
    EQ(file.type, DESCRIPTOR_TYPE_REGULAR_FILE);
    EQ(file.size, 10);
}
