/* A program ends while another one waits on the spot, below it on the stack: its exit code is its own. */
#include "../preview1/poll.h"

static void test(void) {
    int rounds = 0;
    while (stat_errno("waiting") == ENOENT && ++rounds < 100) {
        subs[0] = on_clock(7, MONOTONIC, MS, 0);
        EQ(poll(1), 1);
    }
    EQ(stat_errno("waiting"), SUCCESS);
    proc_exit(42);
}
