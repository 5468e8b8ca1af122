/* A descriptor with all rights but some: what a call needs is what it misses then. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include "../preview1/poll.h"

#define ALL_RIGHTS (((uint64_t)1 << 30) - 1)

static struct fdstat rights_of(fd_t fd) {
    struct fdstat fs;
    OK(fd_fdstat_get(fd, &fs));
    return fs;
}

static void without(fd_t fd, uint64_t rights) {
    struct fdstat fs = rights_of(fd);
    OK(fd_fdstat_set_rights(fd, fs.rights & ~rights, fs.inheriting));
}

/* `call` on `fd` fails without each of the rights, and succeeds with all that `open` gives. */
#define NEEDS(open, right, call)          \
    do {                                  \
        fd_t fd = open;                   \
        OK(call);                         \
        OK(fd_close(fd));                 \
        fd = open;                        \
        without(fd, right);               \
        FAILS(ENOTCAPABLE, call);         \
        OK(fd_close(fd));                 \
    } while (0)

#endif
