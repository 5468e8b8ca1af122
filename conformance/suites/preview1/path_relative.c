/* Every function of paths from a directory's own descriptor, before and after that directory was moved and its old name given
 * to another one: the descriptor stays with the directory. */
#include "check.h"

static void all_of_them(fd_t dir, const char *inside) {
    struct filestat st;
    char got[8];
    size_u32 n;
    fd_t fd = NO_FD;
    OK(path_create_directory(dir, NAME("sub")));
    OK(path_open(dir, 0, NAME("sub/f"), O_CREAT | O_EXCL, RW, grantable, 0, &fd));
    write_all(fd, inside, 1);
    OK(fd_close(fd));
    OK(path_symlink(NAME("sub/f"), dir, NAME("link")));
    OK(path_readlink(dir, NAME("link"), got, sizeof got, &n));
    EQ(n, 5);
    OK(path_link(dir, 0, NAME("sub/f"), dir, NAME("twin")));
    OK(path_rename(dir, NAME("twin"), dir, NAME("sub/twin")));
    OK(path_filestat_get(dir, FOLLOW, NAME("link"), &st));
    EQ(st.nlink, 2);
    OK(path_filestat_set_times(dir, FOLLOW, NAME("link"), 1, 2, ATIM | MTIM));
    OK(path_filestat_get(dir, 0, NAME("sub/twin"), &st));
    EQ(st.mtim, 2);
    OK(path_unlink_file(dir, NAME("sub/twin")));
    OK(path_unlink_file(dir, NAME("sub/f")));
    OK(path_remove_directory(dir, NAME("sub")));
    OK(path_unlink_file(dir, NAME("link")));
    OK(path_open(dir, 0, NAME("mark"), O_CREAT, RW, grantable, 0, &fd));
    write_all(fd, inside, 1);
    OK(fd_close(fd));
}

static void test(void) {
    make_dir("a"), make_dir("a/b"), make_dir("c");
    fd_t dir = open_dir("a/b");
    all_of_them(dir, "1");
    FILE_IS("a/b/mark", "1");
    OK(path_rename(ROOT, NAME("a/b"), ROOT, NAME("c/moved")));
    make_dir("a/b");
    all_of_them(dir, "2");
    FILE_IS("c/moved/mark", "2");
    FAILS(ENOENT, stat_errno("a/b/mark"));
    /* Between two directories' descriptors. */
    fd_t other = open_dir("a/b");
    OK(path_rename(dir, NAME("mark"), other, NAME("mark")));
    FILE_IS("a/b/mark", "2");
    OK(path_link(other, 0, NAME("mark"), dir, NAME("again")));
    EQ(stat_of("c/moved/again").nlink, 2);
    OK(path_rename(ROOT, NAME("c"), ROOT, NAME("a/b/c")));
    FILE_IS("a/b/c/moved/again", "2");
    OK(path_unlink_file(dir, NAME("again")));
    EQ(stat_of("a/b/mark").nlink, 1);
}
