/* path_filestat_set_times on a symbolic link: the link's own times without following, its target's with. */
#include "check.h"

static void test(void) {
    make_file("f", "abc");
    make_link("f", "l");
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 1, 2, ATIM | MTIM));
    OK(path_filestat_set_times(ROOT, 0, NAME("l"), 3, 4, ATIM | MTIM));
    EQ(stat_of("f").mtim, 2);
    EQ(stat_of("l").mtim, 4);
    OK(path_filestat_set_times(ROOT, FOLLOW, NAME("l"), 5, 6, ATIM | MTIM));
    EQ(stat_of("f").mtim, 6);
    EQ(stat_of("f").atim, 5);
    EQ(stat_of("l").mtim, 4);
    make_link("none", "dangling");
    OK(path_filestat_set_times(ROOT, 0, NAME("dangling"), 7, 8, MTIM));
    EQ(stat_of("dangling").mtim, 8);
    FAILS(ENOENT, path_filestat_set_times(ROOT, FOLLOW, NAME("dangling"), 7, 8, MTIM));
}
