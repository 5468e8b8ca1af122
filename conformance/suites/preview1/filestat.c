/* fd_filestat_get and path_filestat_get agree, for each kind of file. */
#include "check.h"

static void agree(const char *path, fd_t fd, int type) {
    struct filestat a, b;
    memset(&a, 0xaa, sizeof a), memset(&b, 0xaa, sizeof b);
    OK(path_filestat_get(ROOT, 0, NAMED(path), &a));
    OK(fd_filestat_get(fd, &b));
    EQ(a.type, type);
    EQ(b.type, type);
    EQ(a.dev, b.dev);
    EQ(a.ino, b.ino);
    EQ(a.nlink, b.nlink);
    EQ(a.size, b.size);
    EQ(a.atim, b.atim);
    EQ(a.mtim, b.mtim);
    EQ(a.ctim, b.ctim);
}

static void test(void) {
    struct filestat st;
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    make_file("g", "");
    make_dir("d");
    agree("f", fd, REGULAR_FILE);
    agree("g", open_with("g", 0, RO, 0), REGULAR_FILE);
    agree("g", open_with("g", 0, WO, 0), REGULAR_FILE);
    agree("d", open_dir("d"), DIRECTORY);
    agree(".", ROOT, DIRECTORY);
    EQ(stat_of("f").size, 3);
    EQ(stat_of("f").nlink, 1);
    EQ(stat_of("g").size, 0);
    EQ(stat_of("f").dev, stat_of("d").dev);
    IS(stat_of("f").ino != stat_of("g").ino);
    IS(stat_of("f").ino != stat_of("d").ino);
    IS(stat_of("d").nlink >= 1);
    /* Stdio has some answer too: not one that could be taken for a file's or a directory's. */
    for (fd_t std = 0; std < 3; std++) {
        OK(fd_filestat_get(std, &st));
        IS(st.type == UNKNOWN || st.type == CHARACTER_DEVICE || st.type == REGULAR_FILE);
    }
    FAILS(ENOENT, path_filestat_get(ROOT, FOLLOW, NAME("none"), &st));
}
