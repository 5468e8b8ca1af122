/* A name that is taken isn't given away. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    make_file(S("b"), B("y"));
    make_directory(S("sub"));
    FAILS(EXIST, descriptor_link_at(root(), 0, S("a"), root(), S("b")));
    FAILS(EXIST, descriptor_link_at(root(), 0, S("a"), root(), S("sub")));
    FAILS(EXIST, descriptor_link_at(root(), 0, S("a"), root(), S("a")));
    HOLDS(S("b"), "y");
}
