/* Stdout and stderr can be written to, so they are ready; a poll of them with a far clock returns at once. */
#include "poll.h"

static void test(void) {
    uint64_t start = now(MONOTONIC);
    for (fd_t fd = 1; fd <= 2; fd++) {
        subs[0] = on_fd(fd, EVENT_FD_WRITE, fd);
        subs[1] = on_clock(9, MONOTONIC, 30000 * MS, 0);
        EQ(poll(2), 1);
        EQ(events[0].userdata, fd);
        EQ(events[0].type, EVENT_FD_WRITE);
        EQ(events[0].error, SUCCESS);
    }
    IS(now(MONOTONIC) - start < 20000 * MS);
}
