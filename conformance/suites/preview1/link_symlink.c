/* path_link without following: a second name for the symbolic link itself, dangling or not. */
#include "check.h"

static void test(void) {
    char got[8];
    size_u32 n;
    make_file("f", "F");
    make_link("f", "l");
    make_link("none", "dangling");
    OK(path_link(ROOT, 0, NAME("l"), ROOT, NAME("l2")));
    EQ(stat_of("l2").type, SYMBOLIC_LINK);
    EQ(stat_of("l2").ino, stat_of("l").ino);
    EQ(stat_of("l").nlink, 2);
    EQ(stat_of("f").nlink, 1);
    OK(path_readlink(ROOT, NAME("l2"), got, sizeof got, &n));
    EQ(n, 1);
    OK(path_link(ROOT, 0, NAME("dangling"), ROOT, NAME("d2")));
    OK(path_readlink(ROOT, NAME("d2"), got, sizeof got, &n));
    EQ(n, 4);
    IS(same(got, "none", 4));
}
