/* rename-at gives a file another name, in this directory or another one. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    make_directory(S("sub"));
    DONE(descriptor_rename_at(root(), S("a"), root(), S("b")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("a")));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ | MUTATE);
    DONE(descriptor_rename_at(root(), S("b"), sub, S("c")));
    HOLDS(S("sub/c"), "x");
    DONE(descriptor_rename_at(sub, S("c"), root(), S("a")));
    HOLDS(S("a"), "x");
    descriptor_drop(sub);
}
