/* Numbers: new ones differ from all that are open, and closed ones come back, in whatever order. */
#include "check.h"

static void test(void) {
    fd_t fds[8], highest = 0, again;
    make_file("f", "abc");
    for (int i = 0; i < 8; i++) {
        fds[i] = open_rw("f");
        IS(fds[i] > ROOT);
        for (int j = 0; j < i; j++) IS(fds[i] != fds[j]);
        if (fds[i] > highest) highest = fds[i];
    }
    OK(fd_close(fds[2]));
    OK(fd_close(fds[5]));
    fds[2] = open_rw("f"), fds[5] = open_rw("f");
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++) IS(fds[i] != fds[j]);

    /* A thousand opens and closes don't use up a thousand numbers. */
    for (int i = 0; i < 1000; i++) {
        again = open_rw("f");
        IS(again <= highest + 1);
        OK(fd_close(again));
    }
}
