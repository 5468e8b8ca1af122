/* A link to nothing is there itself, and leads nowhere. */
#include "case.h"

static void test(void) {
    DONE(descriptor_symlink_at(root(), S("nothing"), S("link")));
    EQ(stat_of(S("link")).type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    FAILS(NO_ENTRY, descriptor_stat_at(root(), FOLLOW, S("link")));
}
