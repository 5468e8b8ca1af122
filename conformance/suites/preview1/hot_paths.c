/* A file is looked at, timed, opened and moved by its path between many calls on its descriptor: both ways show one file. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    make_dir("d");
    make_dir("d/e");
    make_link("../f", "d/up");
    warm();
    for (int round = 0; round < 40; round++) {
        struct filestat st = stat_of("f");
        EQ(st.size, file->size);
        EQ(st.ino, file->ino);
        fd_t dir = open_dir("d");
        OK(path_filestat_get(ROOT, FOLLOW, NAME("d/up"), &st));
        EQ(st.size, file->size);
        hot(ROUND);
        /* Away and back, into a directory that is renamed meanwhile. */
        OK(path_rename(ROOT, NAME("f"), dir, NAME("e/f")));
        OK(path_rename(dir, NAME("e"), ROOT, NAME("e")));
        FAILS(ENOENT, path_filestat_get(ROOT, FOLLOW, NAME("d/up"), &st));
        settled("e/f", file);
        hot_stat(o);
        hot(ROUND);
        OK(path_rename(ROOT, NAME("e/f"), ROOT, NAME("f")));
        OK(path_rename(ROOT, NAME("e"), dir, NAME("e")));
        FAILS(EEXIST, open_errno("f", O_CREAT | O_EXCL, RW, 0));
        OK(open_errno("f", O_CREAT, RW, 0)); /* it is there: it stays as it is */
        hot_stat(o);
        OK(fd_close(dir));
    }
    settled("f", file);
}
