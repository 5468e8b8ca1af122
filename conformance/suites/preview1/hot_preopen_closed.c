/* The preopened directory is closed after many calls: what was opened through it goes on as before. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct filestat st;
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    open_hot(file, "f", 0, RW, APPEND);
    warm();
    fd_t top = open_dir(".");
    OK(fd_close(ROOT));
    FAILS(EBADF, path_filestat_get(ROOT, 0, NAME("f"), &st));
    hot(10 * ROUND);
    /* Files get the number of the directory, and are no directory. */
    OK(fd_renumber(o->fd, top));
    o->fd = top;
    EITHER(EBADF, ENOTDIR, path_filestat_get(top, 0, NAME("f"), &st));
    hot(10 * ROUND);
    whole(top, file);
}
