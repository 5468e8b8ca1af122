/* Clocks and waiting among many calls: time never goes back, passes while one waits, and takes the same steps on both clocks;
 * a waiting call in between doesn't disturb what is read and written. */
#include "hot.h"
#include "poll.h"

static void test(void) {
    struct file *file = &files[0];
    open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    uint64_t first = now(MONOTONIC), last = first, real = now(REALTIME);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 100; i++) {
            uint64_t next = now(MONOTONIC);
            IS(next >= last);
            last = next;
        }
        subs[0] = on_clock(7, MONOTONIC, 2 * MS, 0);
        EQ(poll(1), 1);
        uint64_t after = now(MONOTONIC);
        IS(after >= last + 2 * MS);
        last = after;
        hot(ROUND);
    }
    IS(now(MONOTONIC) - first >= 80 * MS);
    IS(now(REALTIME) > real);
    settled("f", file);
}
