/* open-at follows a link with symlink-follow. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    DONE(descriptor_symlink_at(root(), S("../file"), S("sub/up")));
    HOLDS(S("link"), "x");
    HOLDS(S("sub/up"), "x");
}
