/* wasi_unstable's poll_oneoff with files and a clock in one list of 56-byte subscriptions. */
#define WASI_UNSTABLE
#include "poll.h"

static void test(void) {
    size_u32 n;
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    seek(fd, 0, SEEK_SET);
    subs[0] = on_clock(1, MONOTONIC, 30000 * MS, 0);
    subs[1] = on_fd(2, EVENT_FD_READ, fd);
    subs[2] = on_fd(3, EVENT_FD_WRITE, fd);
    n = poll(3);
    IS(!event_of(1, n));
    for (size_u32 i = 0; i < n; i++) EQ(events[i].error, SUCCESS);
    EQ(poll(2), 1);
    EQ(events[0].userdata, 2);
    subs[0] = subs[2];
    EQ(poll(1), 1);
    EQ(events[0].userdata, 3);
    EQ(events[0].type, EVENT_FD_WRITE);
}
