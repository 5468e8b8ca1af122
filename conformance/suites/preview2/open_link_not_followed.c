/* Without symlink-follow, what a link leads to isn't opened. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    FAILS(LOOP, descriptor_open_at(root(), 0, S("link"), 0, READ));
}
