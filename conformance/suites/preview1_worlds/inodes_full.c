/* A file system that may have no more files: nothing can be made, but what is there can be named anew. */
#include "../preview1/check.h"

static void nothing_more(void) {
    FAILS(ENOSPC, open_errno("new", O_CREAT, RW, 0));
    FAILS(ENOSPC, open_errno("new", O_CREAT | O_EXCL, RW, 0));
    FAILS(ENOSPC, path_create_directory(ROOT, NAME("new")));
    FAILS(ENOSPC, path_symlink(NAME("f"), ROOT, NAME("new")));
    FAILS(ENOENT, stat_errno("new"));
}

/* The directory itself, and three in it. */
static void test(void) {
    make_file("f", "text");
    make_dir("d");
    make_link("f", "l");
    nothing_more();
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("d/again")));
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("g")));
    nothing_more();
    FILE_IS("d/again", "text");
    /* A file without a name is still a file. */
    fd_t fd = open_rw("g");
    OK(path_unlink_file(ROOT, NAME("g")));
    nothing_more();
    OK(path_unlink_file(ROOT, NAME("l")));
    make_file("new", "room");
    OK(fd_close(fd));
    FILE_IS("new", "room");
}
