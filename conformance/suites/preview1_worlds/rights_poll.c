/* Rights that are enforced: waiting for a descriptor needs the right to poll it, and that to read or to write. */
#include "rights.h"

static int poll_for(fd_t fd, uint8_t type) {
    size_u32 count = 0;
    subs[0] = on_fd(1, type, fd);
    int error = poll_oneoff(subs, events, 1, &count);
    if (!error) {
        EQ(count, 1);
        error = events[0].error;
    }
    return error;
}

static fd_t file(void) { return open_with("f", O_CREAT, grantable, 0); }

static void test(void) {
    NEEDS(file(), RIGHT_POLL_FD_READWRITE, poll_for(fd, EVENT_FD_READ));
    NEEDS(file(), RIGHT_FD_READ, poll_for(fd, EVENT_FD_READ));
    NEEDS(file(), RIGHT_POLL_FD_READWRITE, poll_for(fd, EVENT_FD_WRITE));
    NEEDS(file(), RIGHT_FD_WRITE, poll_for(fd, EVENT_FD_WRITE));
    OK(poll_for(0, EVENT_FD_READ));
    without(0, RIGHT_POLL_FD_READWRITE);
    FAILS(ENOTCAPABLE, poll_for(0, EVENT_FD_READ));
}
