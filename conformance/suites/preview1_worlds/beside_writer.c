/* Waits a little, and leaves a file: also run beside another program (beside_others). */
#include "../preview1/poll.h"

static void test(void) {
    subs[0] = on_clock(7, MONOTONIC, 5 * MS, 0);
    EQ(poll(1), 1);
    make_file("written", "by another program");
}
