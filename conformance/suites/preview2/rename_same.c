/* A file takes its own place: both names of one file stay. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    DONE(descriptor_rename_at(root(), S("a"), root(), S("a")));
    DONE(descriptor_link_at(root(), 0, S("a"), root(), S("b")));
    DONE(descriptor_rename_at(root(), S("a"), root(), S("b")));
    HOLDS(S("a"), "x");
    HOLDS(S("b"), "x");
}
