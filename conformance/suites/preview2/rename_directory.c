/* A directory moves with what is in it, also over an empty one. */
#include "case.h"

static void test(void) {
    make_directory(S("a"));
    make_file(S("a/file"), B("x"));
    make_directory(S("empty"));
    DONE(descriptor_rename_at(root(), S("a"), root(), S("b")));
    HOLDS(S("b/file"), "x");
    DONE(descriptor_rename_at(root(), S("b"), root(), S("empty")));
    HOLDS(S("empty/file"), "x");
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("b")));
}
