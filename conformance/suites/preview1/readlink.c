/* path_readlink: cuts at the buffer's size without a word, writes no NUL, and wants a link. */
#include "check.h"

static void test(void) {
    char got[16];
    size_u32 n = 77;
    make_link("target", "l");
    make_file("f", "abc");
    make_dir("d");
    for (size_u32 size = 0; size <= 8; size++) {
        memset(got, '#', sizeof got);
        OK(path_readlink(ROOT, NAME("l"), got, size, &n));
        EQ(n, size < 6 ? size : 6);
        IS(same(got, "target", n));
        IS(all(got + n, '#', sizeof got - n));
    }
    FAILS(EINVAL, path_readlink(ROOT, NAME("f"), got, sizeof got, &n));
    FAILS(EINVAL, path_readlink(ROOT, NAME("d"), got, sizeof got, &n));
    FAILS(EINVAL, path_readlink(ROOT, NAME("."), got, sizeof got, &n));
    FAILS(ENOENT, path_readlink(ROOT, NAME("none"), got, sizeof got, &n));
    FAILS(ENOTDIR, path_readlink(ROOT, NAME("f/l"), got, sizeof got, &n));
    make_link("none", "dangling");
    OK(path_readlink(ROOT, NAME("dangling"), got, sizeof got, &n));
    EQ(n, 4);
    make_link("..", "up");
    OK(path_readlink(ROOT, NAME("up"), got, sizeof got, &n));
    EQ(n, 2);
}
