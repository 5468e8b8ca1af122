/* Links that lead out of the root aren't followed. */
#include "case.h"

static void test(void) {
    FAILS(NOT_PERMITTED, descriptor_open_at(root(), FOLLOW, S("absolute"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_open_at(root(), FOLLOW, S("above"), 0, READ));
    FAILS(NOT_PERMITTED, descriptor_stat_at(root(), FOLLOW, S("absolute")));
    FAILS(NOT_PERMITTED, descriptor_stat_at(root(), 0, S("above/x")));
    EQ(stat_of(S("above")).type, DESCRIPTOR_TYPE_SYMBOLIC_LINK);
    HOLDS(S("relative"), "in the folder\n");
}
