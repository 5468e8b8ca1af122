/* path_rename moves a symbolic link itself, and replaces one: its target is never touched. */
#include "check.h"

static int rename(const char *from, const char *to) { return path_rename(ROOT, NAMED(from), ROOT, NAMED(to)); }

static void test(void) {
    make_file("f", "F");
    make_file("g", "G");
    make_dir("d");
    make_link("f", "l");
    make_link("d", "to_dir");
    make_link("none", "dangling");
    make_link("loop", "loop");
    OK(rename("l", "l2"));
    EQ(stat_of("l2").type, SYMBOLIC_LINK);
    OK(rename("dangling", "dangling2"));
    EQ(stat_of("dangling2").type, SYMBOLIC_LINK);
    OK(rename("loop", "loop2"));
    OK(rename("to_dir", "to_dir2"));
    EQ(stat_of("d").type, DIRECTORY);

    OK(rename("g", "l2"));
    FILE_IS("l2", "G");
    FILE_IS("f", "F");
    OK(rename("l2", "loop2"));
    FILE_IS("loop2", "G");
    FAILS(ENOENT, stat_errno("none"));
    OK(rename("dangling2", "f"));
    EQ(stat_of("f").type, SYMBOLIC_LINK);
    /* Over a link to a directory: the link is no directory. */
    OK(rename("loop2", "to_dir2"));
    FILE_IS("to_dir2", "G");
    /* A link in the middle is followed. */
    make_link("d", "m");
    OK(rename("to_dir2", "m/g"));
    FILE_IS("d/g", "G");
}
