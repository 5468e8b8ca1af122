/* Two hundred descriptors at once, each with an offset of its own. */
#include "check.h"

enum { N = 200 };
static fd_t fds[N];

static void test(void) {
    char byte;
    fd_t fd = create("f");
    for (int i = 0; i < N; i++) write_all(fd, &(char){(char)i}, 1);
    for (int i = 0; i < N; i++) {
        fds[i] = open_rw("f");
        seek(fds[i], i, SEEK_SET);
    }
    for (int i = 0; i < N; i++) {
        EQ(tell(fds[i]), i);
        EQ(read_all(fds[i], &byte, 1), 1);
        EQ((uint8_t)byte, i);
    }
    for (int i = N; i-- > 0;) OK(fd_close(fds[i]));
    for (int i = 0; i < N; i++) FAILS(EBADF, fd_close(fds[i]));
}
