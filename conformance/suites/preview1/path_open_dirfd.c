/* Paths are relative to the descriptor: one of a directory deep down, where `..` doesn't lead out either. */
#include "check.h"

static void test(void) {
    struct filestat st;
    fd_t dir, fd, sub;
    make_dir("d");
    make_dir("d/e");
    make_file("f", "outside");
    dir = open_dir("d");
    OK(path_open(dir, 0, NAME("f"), O_CREAT, RW, grantable, 0, &fd));
    write_all(fd, "inside", 6);
    FILE_IS("d/f", "inside");
    FILE_IS("f", "outside");
    OK(path_open(dir, 0, NAME("e"), O_DIRECTORY, RO, grantable, 0, &sub));
    OK(path_create_directory(sub, NAME("deep")));
    EQ(stat_of("d/e/deep").type, DIRECTORY);
    ESCAPES(path_open(dir, 0, NAME(".."), O_DIRECTORY, RO, grantable, 0, &fd));
    ESCAPES(path_open(dir, 0, NAME("../f"), 0, RO, grantable, 0, &fd));
    ESCAPES(path_filestat_get(dir, 0, NAME("e/../../f"), &st));
    OK(path_filestat_get(dir, 0, NAME("e/../f"), &st));
    EQ(st.size, 6);
    OK(path_rename(dir, NAME("f"), sub, NAME("g")));
    FILE_IS("d/e/g", "inside");
    OK(path_link(sub, 0, NAME("g"), ROOT, NAME("h")));
    FILE_IS("h", "inside");
    /* The directory is renamed; its descriptor stays with it. */
    OK(path_rename(ROOT, NAME("d"), ROOT, NAME("moved")));
    OK(path_create_directory(dir, NAME("late")));
    EQ(stat_of("moved/late").type, DIRECTORY);
}
