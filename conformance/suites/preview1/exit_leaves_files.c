/* A program that ends in the middle of its work, with everything open: what it wrote is there, what it had unlinked is gone. */
#include "check.h"

static void test(void) {
    fd_t fd = create("written"), end = open_with("appended", O_CREAT, RW, APPEND), lost = create("lost");
    write_all(fd, "one two", 7);
    seek(fd, 4, SEEK_SET);
    write_all(fd, "T", 1);
    write_all(end, "a", 1);
    write_all(end, "b", 1);
    write_all(lost, "nobody reads this", 17);
    OK(path_unlink_file(ROOT, NAME("lost")));
    make_dir("dir");
    fd_t dir = open_dir("dir");
    OK(path_symlink(NAME("../written"), dir, NAME("link")));
    OK(fd_filestat_set_size(create("grown"), 3));
    OK(path_rename(ROOT, NAME("appended"), dir, NAME("moved")));
    write_all(end, "c", 1);
    write_all(1, "last words", 10);
    proc_exit(17);
}
