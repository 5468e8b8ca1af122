/* Names come and go between many calls, through hard links and symbolic ones: the number of names is told at once, and
 * what is opened by any of them is one file. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    open_hot(file, "f", O_CREAT, RW, 0);
    make_link("f", "s");
    warm();
    for (int round = 0; round < 40; round++) {
        OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("g")));
        struct opened *by_link = open_hot(file, "g", 0, RW, 0);
        file->nlink = 2;
        hot_stat(&opens[0]);
        fd_t by_symlink;
        OK(path_open(ROOT, FOLLOW, NAME("s"), 0, RW, grantable, 0, &by_symlink));
        EQ(stat_of_fd(by_symlink).ino, file->ino);
        hot(ROUND);
        whole(by_symlink, file);
        OK(fd_close(by_symlink));
        /* One of the two names goes, by turns; the other one becomes the first again. */
        if (round % 2) {
            OK(path_unlink_file(ROOT, NAME("g")));
        } else {
            OK(path_unlink_file(ROOT, NAME("f")));
            OK(path_rename(ROOT, NAME("g"), ROOT, NAME("f")));
        }
        file->nlink = 1;
        hot_stat(by_link);
        hot(ROUND / 2);
        close_hot(&opens[round % 2]);
    }
    settled("f", file);
}
