/* A file loses its name between many calls, and another one gets it: the open descriptor stays with the first. */
#include "hot.h"

static void test(void) {
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 40; round++) {
        struct opened *o = &opens[opened_count - 1];
        OK(path_unlink_file(ROOT, NAME("f")));
        o->file->nlink = 0;
        hot_stat(o);
        hot(ROUND / 2);
        FAILS(ENOENT, stat_errno("f"));
        if (round % 2) close_hot(&opens[0]); /* the last of a file: it is gone */
        struct file *next = &files[(round + 1) % 4];
        next->size = 0, next->ino = 0;
        struct opened *fresh = open_hot(next, "f", O_CREAT | O_EXCL, RW, 0);
        hot_stat(fresh);
        hot_read(fresh, 0);
        hot(ROUND);
        settled("f", next);
        if (opened_count > 3) close_hot(&opens[0]);
    }
}
