/* Input on stdin: in pieces, then its end; poll_oneoff tells how much there is. */
#include "../preview1/poll.h"

static void test(void) {
    char data[64];
    subs[0] = on_fd(1, EVENT_FD_READ, 0);
    EQ(poll(1), 1);
    IS(events[0].nbytes > 0);
    EQ(read_all(0, data, 6), 6);
    IS(same(data, "first ", 6));
    char a[3], b[64];
    struct iovec v[] = {{a, 3}, {b, 64}};
    size_u32 n = 0;
    OK(fd_read(0, v, 2, &n));
    IS(n >= 3 && same(a, "lin", 3));
    if (n < 11) n += read_all(0, b + n - 3, 11 - n);
    EQ(n, 11);
    IS(same(b, "e\nsecond", 8));
    for (int i = 0; i < 2; i++) EQ(read_all(0, data, 1), 0);
    EQ(poll(1), 1);
}
