/* Writing to stdout between many calls on files, and a file in stdout's place: each byte comes where it belongs, in order. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 640; round++) {
        char c = round % 64 == 63 ? '\n' : (char)('0' + round % 64);
        write_all(1, &c, 1);
        hot(12);
    }
    fd_t place = create("g"), log = create("log");
    OK(fd_renumber(1, place)); /* where stdout is now */
    FAILS(EBADF, fd_close(1));
    OK(fd_close(place));
    for (int round = 0; round < 200; round++) {
        write_all(log, "line\n", 5);
        EQ(tell(log), 5 * (round + 1));
        hot(5);
    }
    EQ(stat_of("log").size, 1000);
    EQ(stat_of("g").size, 0);
    settled("f", file);
}
