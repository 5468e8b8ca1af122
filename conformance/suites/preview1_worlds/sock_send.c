/* sock_send and fd_write: what is sent arrives; AGAIN while the peer takes no more, PIPE when it is gone. */
#include "sock.h"

static char block[16384];

static void test(void) {
    char data[8];
    fd_t echo = accept_next(0);
    struct ciovec v[] = {{"ab", 2}, {"", 0}, {"cd", 2}};
    OK(sock_send(echo, v, 3, 0, &moved));
    IS(moved >= 2);
    if (moved < 4) OK(transmit(echo, "cd", 2));
    OK(write_once(echo, "ef", 2));
    EQ(moved, 2);
    OK(transmit(echo, "", 0));
    EQ(moved, 0);
    OK(receive(echo, data, 8, 0));
    EQ(moved, 6);
    IS(same(data, "abcdef", 6));

    fd_t full = accept_next(NONBLOCK);
    size_u32 sent = 0;
    int error;
    while (!(error = transmit(full, block, sizeof block))) {
        IS(moved > 0 && moved <= sizeof block);
        sent += moved;
    }
    EQ(error, EAGAIN);
    EQ(sent, 40000);
    FAILS(EAGAIN, transmit(full, block, 1));
    FAILS(EAGAIN, write_once(full, block, 1));

    fd_t gone = accept_next(0);
    FAILS(EPIPE, transmit(gone, block, 1));
    FAILS(EPIPE, write_once(gone, block, 1));
    FAILS(ENOTCONN, transmit(LISTENER, block, 1));
    FAILS(ENOTCONN, write_once(LISTENER, block, 1));
}
