/* Other programs run while this one waits, and end as they do: that is nothing to this one, which finds what they have left. */
#include "../preview1/poll.h"

static void wait_a_little(void) {
    subs[0] = on_clock(7, MONOTONIC, MS, 0);
    EQ(poll(1), 1);
}

static void test(void) {
    int rounds = 0;
    while (stat_errno("written") == ENOENT && ++rounds < 100) wait_a_little();
    IS(rounds < 100);
    FILE_IS("written", "by another program");
    for (int i = 0; i < 10; i++) wait_a_little();
    make_file("own", "text");
    FILE_IS("own", "text");
}
