/* unlink-file-at of a link removes the link, not what it leads to. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    DONE(descriptor_unlink_file_at(root(), S("link")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("link")));
    HOLDS(S("file"), "x");
}
