/* A link is renamed itself. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    DONE(descriptor_rename_at(root(), S("link"), root(), S("other")));
    EQ(stat_of(S("other")).type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    HOLDS(S("file"), "x");
}
