/* On a file system of six files each one that goes makes room for one, whatever it was and however it went. */
#include "../preview1/check.h"

static void full(void) { FAILS(ENOSPC, open_errno("more", O_CREAT, RW, 0)); }

/* There is room for exactly one. */
static void one_more(void) {
    make_file("one", "");
    full();
    OK(path_unlink_file(ROOT, NAME("one")));
    make_file("one", "");
    full();
}

static void test(void) {
    make_file("f", "f");
    make_dir("d");
    make_dir("e");
    make_link("f", "l");
    make_file("g", "g");
    full();
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("same")));
    OK(path_unlink_file(ROOT, NAME("same")));
    full();
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("g")));
    one_more();
    OK(path_rename(ROOT, NAME("d"), ROOT, NAME("e")));
    OK(path_unlink_file(ROOT, NAME("one")));
    make_dir("d");
    one_more();
    OK(path_unlink_file(ROOT, NAME("l")));
    OK(path_unlink_file(ROOT, NAME("one")));
    make_link("x", "l");
    one_more();
    OK(path_remove_directory(ROOT, NAME("d")));
    OK(path_unlink_file(ROOT, NAME("one")));
    OK(path_rename(ROOT, NAME("l"), ROOT, NAME("g")));
    OK(path_rename(ROOT, NAME("g"), ROOT, NAME("g")));
    OK(path_rename(ROOT, NAME("e"), ROOT, NAME("e")));
    make_link("x", "a");
    make_link("x", "b");
    one_more();
    FILE_IS("one", "");
}
