/* What the cases with sockets share. The listening socket is descriptor 3, before the directories; who has connected to it
 * is said in each case's manifest. */
#ifndef SOCK_H
#define SOCK_H

#define FIRST_DIRECTORY 4
#include "../preview1/poll.h"

enum { LISTENER = 3 };

static fd_t accept_next(uint32_t fdflags) {
    fd_t fd = NO_FD;
    OK(sock_accept(LISTENER, fdflags, &fd));
    return fd;
}

/* One call each; the count is in `moved` if it succeeds. */
static size_u32 moved;

static int receive(fd_t fd, void *data, size_u32 size, uint32_t flags) {
    struct iovec v = {data, size};
    uint16_t out = 0xaaaa;
    int error = sock_recv(fd, &v, 1, flags, &moved, &out);
    if (!error) EQ(out, 0);
    return error;
}

static int transmit(fd_t fd, const void *data, size_u32 size) {
    struct ciovec v = {data, size};
    return sock_send(fd, &v, 1, 0, &moved);
}

static int read_once(fd_t fd, void *data, size_u32 size) {
    struct iovec v = {data, size};
    return fd_read(fd, &v, 1, &moved);
}

static int write_once(fd_t fd, const void *data, size_u32 size) {
    struct ciovec v = {data, size};
    return fd_write(fd, &v, 1, &moved);
}

/* Exactly this arrives, by one call. */
#define RECEIVES(fd, literal, flags)                       \
    do {                                                   \
        char got[64];                                      \
        OK(receive(fd, got, sizeof literal - 1, flags));   \
        EQ(moved, sizeof literal - 1);                     \
        IS(same(got, NAME(literal)));                      \
    } while (0)

#endif
