/* The same thing asked for more than once in a poll is answered more than once, each with the number that it came with,
 * whatever that number is. */
#include "poll.h"

static void test(void) {
    static const uint64_t numbers[] = {0, 1, ~(uint64_t)0, (uint64_t)1 << 63, 0x0123456789abcdef, 0xffffffff};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    for (int i = 0; i < COUNT; i++) subs[i] = on_clock(numbers[i], MONOTONIC, MS, 0);
    subs[COUNT] = on_clock(77, MONOTONIC, 3600000 * MS, 0);
    size_u32 seen = 0;
    for (int again = 0; again < 200 && seen != (1 << COUNT) - 1; again++) {
        size_u32 n = poll(COUNT + 1);
        for (int i = 0; i < COUNT; i++)
            if (event_of(numbers[i], n)) seen |= 1u << i;
        IS(!event_of(77, n));
        for (size_u32 i = 0; i < n; i++) {
            EQ(events[i].error, SUCCESS);
            EQ(events[i].type, EVENT_CLOCK);
        }
    }
    EQ(seen, (1 << COUNT) - 1);

    /* One descriptor three times, once for writing. */
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    seek(fd, 1, SEEK_SET);
    seen = 0;
    for (int again = 0; again < 200 && seen != 7; again++) {
        subs[0] = on_fd(10, EVENT_FD_READ, fd), subs[1] = on_fd(11, EVENT_FD_READ, fd), subs[2] = on_fd(12, EVENT_FD_WRITE, fd);
        size_u32 n = poll(3);
        for (int i = 0; i < 3; i++)
            if (event_of(10 + (uint64_t)i, n)) seen |= 1u << i;
        if (!(seen & 3)) subs[2] = on_clock(13, MONOTONIC, 0, 0);
    }
    IS(seen & 4 || seen & 3);
    EQ(tell(fd), 1);
}
