/* clock [crash]: sleeps for a second of the machine's time and tells how long that was; or crashes, to show how that looks. */

#include "agave.h"

#define SECOND 1000000000ul

static word now(void) {
    return call1(SYS_clock_gettime, CLOCK_MONOTONIC).value;
}

static int crash(volatile int *nowhere) {
    return *nowhere;
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return crash((int *)0x40);
    subscription wanted = {WAIT_CLOCK, CLOCK_MONOTONIC, SECOND, 0};
    ready done;
    word before = now();
    result got = call4(SYS_poll, (word)&wanted, 1, (word)&done, 1);
    if (got.error)
        fail("poll", got.error);
    print("slept ");
    print_number((now() - before) / 1000);
    print(" us\n");
    return 0;
}
