/* Time may jump further than a host keeps beside its kernel. Afterwards all is as before: each look at a clock moves it by what this
 * world says, and the lowest free number is given first. */
#include "../preview1/poll.h"

enum { MANY = 2000, FILES = 8, STEP = 12345 };

static uint64_t warm(void) {
    uint64_t now = 0, before = 0;
    OK(clock_time_get(MONOTONIC, 1, &before));
    for (int i = 0; i < MANY; i++) {
        OK(clock_time_get(MONOTONIC, 1, &now));
        EQ(now - before, STEP);
        before = now;
    }
    return now;
}

static void test(void) {
    const uint64_t far = ((uint64_t)1 << 62) - 1;
    fd_t fds[FILES];
    make_file("f", "text");
    for (int i = 0; i < FILES; i++) fds[i] = open_rw("f");
    for (int i = 0; i < FILES; i++) EQ(fds[i], ROOT + 1 + i);
    IS(warm() < far);
    OK(fd_close(fds[2]));
    OK(fd_close(fds[5]));
    EQ(seek(fds[3], 3, SEEK_SET), 3);
    subs[0] = on_clock(7, MONOTONIC, far, ABSTIME);
    EQ(poll(1), 1);
    EQ(events[0].error, SUCCESS);
    IS(warm() > far + 1);
    EQ(open_rw("f"), fds[2]);
    EQ(open_rw("f"), fds[5]);
    EQ(open_rw("f"), fds[FILES - 1] + 1);
    EQ(tell(fds[3]), 3);
    FILE_IS("f", "text");
}
