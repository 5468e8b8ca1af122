/* At the limit of descriptors, over and over: each close makes room for one, a failed open takes none and makes no file, and
 * moving one descriptor onto another makes room as closing does. */
#include "../preview1/check.h"

static void test(void) {
    fd_t fds[4];
    make_file("f", "text");
    for (int i = 0; i < 4; i++) fds[i] = open_rw("f");
    for (int round = 0; round < 60; round++) {
        FAILS(EMFILE, open_errno("new", O_CREAT, RW, 0));
        FAILS(EMFILE, open_errno("f", O_TRUNC, RW, 0));
        FAILS(ENOENT, stat_errno("new"));
        if (round % 2) {
            OK(fd_close(fds[round % 4]));
            fds[round % 4] = open_rw("f");
        } else {
            OK(fd_renumber(fds[round % 4], fds[(round + 1) % 4]));
            fds[round % 4] = open_rw("f");
        }
        for (int i = 0; i < 4; i++) EQ(stat_of_fd(fds[i]).size, 4);
    }
    OK(fd_close(fds[0]));
    FILE_IS("f", "text");
}
