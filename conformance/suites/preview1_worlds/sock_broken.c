/* Connections that the network has lost: each function tells what the network tells. */
#include "sock.h"

static void test(void) {
    static const int errors[] = {ECONNRESET, ETIMEDOUT, EIO, ENOBUFS, ENOMEM, EACCES, ENETDOWN, ENETUNREACH, ENOTCONN};
    for (size_u32 i = 0; i < sizeof errors / sizeof *errors; i++) {
        int error = errors[i];
        char data[8];
        fd_t fd = accept_next(0);
        FAILS(error, receive(fd, data, 8, 0));
        FAILS(error, receive(fd, data, 8, RECV_PEEK));
        FAILS(error, read_once(fd, data, 8));
        FAILS(error, transmit(fd, data, 8));
        FAILS(error, write_once(fd, data, 8));
        FAILS(error, sock_shutdown(fd, SHUT_WR));
        OK(fd_close(fd));
    }
    /* Not even whether it is ready can be told. */
    subs[0] = on_fd(1, EVENT_FD_READ, accept_next(0));
    FAILS(EIO, poll_oneoff(subs, events, 1, &moved));
}
