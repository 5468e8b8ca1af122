/* Links that lead back to themselves: LOOP for every function that has to follow one. */
#include "path_table.h"

static void test(void) {
    char got[8];
    size_u32 n;
    make_file("source", "s");
    make_link("loop", "loop");
    make_link("b", "a");
    make_link("a", "b");
    make_link("./self/x", "self");
    EVERY(ELOOP, ELOOP, NAME("loop/x"), 0);
    EVERY(ELOOP, ELOOP, NAME("a/x"), 0);
    EVERY(ELOOP, ELOOP, NAME("self/x"), 0);
    FAILS(ELOOP, apply(STAT_FOLLOW, NAME("loop")));
    FAILS(ELOOP, apply(OPEN_FOLLOW, NAME("a")));
    FAILS(ELOOP, apply(UTIME_FOLLOW, NAME("b")));
    FAILS(ELOOP, apply(STAT, NAME("loop/")));
    FAILS(ELOOP, apply(OPEN, NAME("loop/")));
    FAILS(ELOOP, apply(OPEN, NAME("loop")));
    /* The links themselves are ordinary things. */
    OK(apply(STAT, NAME("loop")));
    OK(apply(UTIME, NAME("a")));
    OK(path_readlink(ROOT, NAME("loop"), got, sizeof got, &n));
    EQ(n, 4);
    OK(apply(UNLINK, NAME("a")));
    FAILS(ENOENT, apply(STAT_FOLLOW, NAME("b")));
}
