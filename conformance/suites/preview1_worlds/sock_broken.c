/* Connections that the network has lost: each function tells what the network tells. */
#include "sock.h"

enum { IN = 1, OUT = 2, SHUT = 4 };

static void test(void) {
    static const struct { int error, ways; } breaks[] = {
        {ECONNRESET, IN | OUT}, {ETIMEDOUT, IN}, {EIO, IN | OUT | SHUT}, {ENOBUFS, IN | OUT | SHUT}, {ENOMEM, IN | OUT},
        {EACCES, OUT}, {ENETDOWN, OUT}, {ENETUNREACH, OUT}, {EHOSTUNREACH, OUT}, {ENOTCONN, IN | OUT | SHUT},
    };
    for (size_u32 i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        int error = breaks[i].error, ways = breaks[i].ways;
        char data[8];
        fd_t fd = accept_next(0);
        if (ways & IN) {
            FAILS(error, receive(fd, data, 8, 0));
            FAILS(error, receive(fd, data, 8, RECV_PEEK));
            FAILS(error, read_once(fd, data, 8));
        }
        if (ways & OUT) {
            FAILS(error, transmit(fd, data, 8));
            FAILS(error, write_once(fd, data, 8));
        }
        if (ways & SHUT) FAILS(error, sock_shutdown(fd, SHUT_WR));
        OK(fd_close(fd));
    }
    /* Not even whether it is ready can be told. */
    subs[0] = on_fd(1, EVENT_FD_READ, accept_next(0));
    FAILS(EIO, poll_oneoff(subs, events, 1, &moved));
}
