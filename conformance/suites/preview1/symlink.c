/* path_symlink and path_readlink: the target is kept as text; lookups follow it when they are asked to. */
#include "check.h"

static void test(void) {
    char got[16];
    size_u32 n = 77;
    struct filestat st;
    make_dir("d");
    make_file("d/f", "abc");
    make_link("d/f", "l");
    make_link("f", "d/inner");
    make_link("d", "to_dir");
    make_link("../d/f", "d/up_and_down");

    OK(path_readlink(ROOT, NAME("l"), got, sizeof got, &n));
    EQ(n, 3);
    IS(same(got, "d/f", 3));
    st = stat_of("l");
    EQ(st.type, SYMBOLIC_LINK);
    EQ(st.size, 3);
    EQ(st.nlink, 1);
    OK(path_filestat_get(ROOT, FOLLOW, NAME("l"), &st));
    EQ(st.type, REGULAR_FILE);
    EQ(st.size, 3);
    EQ(st.ino, stat_of("d/f").ino);
    IS(stat_of("l").ino != st.ino);

    /* Relative to where the link is, not to where the lookup began. */
    OK(path_filestat_get(ROOT, FOLLOW, NAME("d/inner"), &st));
    EQ(st.ino, stat_of("d/f").ino);
    OK(path_filestat_get(ROOT, FOLLOW, NAME("to_dir/inner"), &st));
    EQ(st.ino, stat_of("d/f").ino);
    OK(path_filestat_get(ROOT, FOLLOW, NAME("to_dir/up_and_down"), &st));
    EQ(st.ino, stat_of("d/f").ino);
    OK(path_filestat_get(ROOT, FOLLOW, NAME("to_dir"), &st));
    EQ(st.type, DIRECTORY);
    /* `..` after a link goes up from where the link leads. */
    EQ(stat_of("to_dir/..").ino, stat_of(".").ino);

    /* The target may be changed under the link. */
    OK(path_unlink_file(ROOT, NAME("d/f")));
    FAILS(ENOENT, path_filestat_get(ROOT, FOLLOW, NAME("l"), &st));
    OK(path_create_directory(ROOT, NAME("d/f")));
    OK(path_filestat_get(ROOT, FOLLOW, NAME("l"), &st));
    EQ(st.type, DIRECTORY);
}
