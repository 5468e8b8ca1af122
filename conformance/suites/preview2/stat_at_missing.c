/* What isn't there, and what is below a file. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("nothing")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("nothing/below")));
    FAILS(NOT_DIRECTORY, descriptor_stat_at(root(), 0, S("data/below")));
    FAILS(NOT_DIRECTORY, descriptor_stat_at(root(), 0, S("data/")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("")));
}
