/* Five descriptors of one file, each with an offset and flags of its own: what one writes the others read at once. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    open_hot(file, "f", 0, RW, 0);
    open_hot(file, "f", 0, RO, 0);
    open_hot(file, "f", 0, WO, 0);
    open_hot(file, "f", 0, RW, APPEND);
    for (int round = 0; round < 50; round++) {
        hot(ROUND + 50);
        for (uint32_t i = 0; i < opened_count; i++) {
            EQ(tell(opens[i].fd), opens[i].offset);
            hot_stat(&opens[i]);
        }
        if (file->size > ROOM - 4000) {
            resize(file, 0);
            OK(fd_filestat_set_size(opens[pick(2)].fd, 0));
        }
    }
    settled("f", file);
}
