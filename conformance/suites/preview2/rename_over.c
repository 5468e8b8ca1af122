/* A file takes the place of another one. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("new"));
    make_file(S("b"), B("old content"));
    DONE(descriptor_rename_at(root(), S("a"), root(), S("b")));
    HOLDS(S("b"), "new");
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("a")));
}
