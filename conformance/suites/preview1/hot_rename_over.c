/* Other files are renamed over an open one between many calls: its descriptor keeps what it had, without a name; a new
 * one of that name sees the other file, and so does one that was open before the renaming. */
#include "hot.h"

static void test(void) {
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 40; round++) {
        struct opened *old = &opens[opened_count - 1];
        struct file *next = &files[(round + 1) % 3];
        next->size = 0, next->ino = 0;
        struct opened *coming = open_hot(next, "g", O_CREAT | O_EXCL, RW, 0);
        hot_write(coming, 0);
        hot(ROUND / 2);
        OK(path_rename(ROOT, NAME("g"), ROOT, NAME("f")));
        old->file->nlink = 0;
        hot_stat(old);
        hot_stat(coming);
        EQ(stat_of("f").ino, next->ino);
        hot(ROUND);
        settled("f", next);
        close_hot(old);
    }
    /* Onto itself, and by another way to the same place: nothing changes. */
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("f")));
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("./f")));
    hot(ROUND);
}
