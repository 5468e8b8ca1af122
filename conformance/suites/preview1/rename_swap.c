/* Two files exchange their names over and over, while both are open: names and contents change places, descriptors don't; and
 * the listing has both names, once each, at every moment. */
#include "readdir.h"

static void swap(const char *a, const char *b) {
    OK(path_rename(ROOT, NAMED(a), ROOT, NAME("t")));
    OK(path_rename(ROOT, NAMED(b), ROOT, NAMED(a)));
    OK(path_rename(ROOT, NAME("t"), ROOT, NAMED(b)));
}

static void test(void) {
    int total;
    make_file("a", "A");
    make_file("b", "B");
    fd_t first = open_rw("a"), second = open_rw("b");
    struct filestat a = stat_of("a"), b = stat_of("b");
    for (int i = 1; i <= 51; i++) {
        swap("a", "b");
        EQ(stat_of("a").ino, i % 2 ? b.ino : a.ino);
        EQ(stat_of("b").ino, i % 2 ? a.ino : b.ino);
        write_all(first, "1", 1);
        write_all(second, "2", 1);
        EQ(count_of(ROOT, "a", 64, &total), 1);
        EQ(count_of(ROOT, "b", 64, &total), 1);
        EQ(total, 4);
        FAILS(ENOENT, stat_errno("t"));
    }
    EQ(tell(first), 51);
    EQ(stat_of_fd(first).nlink, 1);
    EQ(stat_of_fd(first).ino, stat_of("b").ino);

    /* Directories too, with what is in them. */
    make_dir("d"), make_dir("e");
    make_file("d/x", "in d"), make_file("e/x", "in e");
    fd_t d = open_dir("d");
    swap("d", "e");
    FILE_IS("d/x", "in e");
    FILE_IS("e/x", "in d");
    OK(path_unlink_file(d, NAME("x")));
    FAILS(ENOENT, stat_errno("e/x"));
    FILE_IS("d/x", "in e");
}
