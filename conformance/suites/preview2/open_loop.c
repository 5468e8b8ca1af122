/* Links that lead to each other lead nowhere. */
#include "case.h"

static void test(void) {
    DONE(descriptor_symlink_at(root(), S("b"), S("a")));
    DONE(descriptor_symlink_at(root(), S("a"), S("b")));
    DONE(descriptor_symlink_at(root(), S("self"), S("self")));
    FAILS(LOOP, descriptor_open_at(root(), FOLLOW, S("a"), 0, READ));
    FAILS(LOOP, descriptor_open_at(root(), FOLLOW, S("self"), 0, READ));
    FAILS(LOOP, descriptor_stat_at(root(), FOLLOW, S("a/below")));
    FAILS(LOOP, descriptor_stat_at(root(), 0, S("self/below")));
}
