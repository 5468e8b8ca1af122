/* sock_accept tells what the network tells; the next connection is none the worse for it. */
#include "sock.h"

static void test(void) {
    static const int errors[] = {ECONNABORTED, ENFILE, ENOBUFS, ENOMEM, EPROTO, EIO};
    for (size_u32 i = 0; i < sizeof errors / sizeof *errors; i++) {
        fd_t fd = NO_FD;
        FAILS(errors[i], sock_accept(LISTENER, 0, &fd));
        EQ(fd, NO_FD);
        fd = accept_next(0);
        RECEIVES(fd, "hello", 0);
        OK(fd_close(fd));
    }
}
