/* path_symlink's refusals, and targets of every length. */
#include "check.h"

static char target[4200], got[4200];

static void test(void) {
    size_u32 n;
    make_file("f", "F");
    make_dir("d");
    make_link("none", "dangling");
    make_link("loop", "loop");
    FAILS(EEXIST, path_symlink(NAME("t"), ROOT, NAME("f")));
    FAILS(EEXIST, path_symlink(NAME("t"), ROOT, NAME("d")));
    FAILS(EEXIST, path_symlink(NAME("t"), ROOT, NAME("dangling")));
    FAILS(EEXIST, path_symlink(NAME("t"), ROOT, NAME("loop")));
    FAILS(ENOENT, path_symlink(NAME("t"), ROOT, NAME("none/l")));
    FAILS(ENOTDIR, path_symlink(NAME("t"), ROOT, NAME("f/l")));
    FAILS(ELOOP, path_symlink(NAME("t"), ROOT, NAME("loop/l")));

    memset(target, 'y', sizeof target);
    OK(path_symlink(target, 256, ROOT, NAME("l256")));
    OK(path_symlink(target, 4095, ROOT, NAME("l4095")));
    OK(path_readlink(ROOT, NAME("l4095"), got, sizeof got, &n));
    EQ(n, 4095);
    IS(all(got, 'y', 4095));
    FAILS(ENAMETOOLONG, path_symlink(target, 4096, ROOT, NAME("l4096")));
    FAILS(ENOENT, stat_errno("l4096"));
    FILE_IS("f", "F");
}
