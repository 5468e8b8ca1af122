/* symlink-at makes a link, which need not lead anywhere. */
#include "case.h"

static void test(void) {
    DONE(descriptor_symlink_at(root(), S("later"), S("link")));
    EQ(stat_of(S("link")).type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    make_file(S("later"), B("there"));
    HOLDS(S("link"), "there");
}
