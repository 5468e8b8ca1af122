/* A link is there already, wherever it leads. */
#include "case.h"

static void test(void) {
    DONE(descriptor_symlink_at(root(), S("nothing"), S("link")));
    FAILS(EXIST, descriptor_open_at(root(), 0, S("link"), CREATE | EXCLUSIVE, READ | WRITE));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("nothing")));
}
