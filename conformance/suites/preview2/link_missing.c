/* What isn't there has no other names, and a directory that isn't there takes none. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    FAILS(NO_ENTRY, descriptor_link_at(root(), 0, S("nothing"), root(), S("b")));
    FAILS(NO_ENTRY, descriptor_link_at(root(), 0, S("a"), root(), S("nothing/b")));
    FAILS(NOT_DIRECTORY, descriptor_link_at(root(), 0, S("a/b"), root(), S("b")));
    FAILS(NOT_DIRECTORY, descriptor_link_at(root(), 0, S("a"), root(), S("a/b")));
}
