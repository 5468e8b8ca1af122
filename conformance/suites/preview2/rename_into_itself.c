/* A directory doesn't move into itself. */
#include "case.h"

static void test(void) {
    make_directory(S("a"));
    make_directory(S("a/b"));
    FAILS(INVALID, descriptor_rename_at(root(), S("a"), root(), S("a/b/c")));
    EQ(stat_of(S("a/b")).type, DESCRIPTOR_TYPE_DIRECTORY);
}
