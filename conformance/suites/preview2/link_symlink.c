/* A symbolic link can have another name, which is a link too. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    DONE(descriptor_link_at(root(), 0, S("link"), root(), S("other")));
    EQ(stat_of(S("other")).type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    EQ(stat_of(S("link")).link_count, 2);
}
