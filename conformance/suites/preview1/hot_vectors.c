/* Vectors of several buffers, empty ones among them, in a long mixture on two descriptors of one file. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    divided = 1;
    open_hot(file, "f", O_CREAT, RW, 0);
    open_hot(file, "f", 0, RW, APPEND);
    learn_append();
    for (int round = 0; round < 6; round++) {
        hot(MANY / 2);
        resize(file, pick(1000));
        OK(fd_filestat_set_size(opens[1].fd, file->size));
    }
    settled("f", file);
}
