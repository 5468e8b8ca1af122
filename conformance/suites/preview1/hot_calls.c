/* The calls that programs make most, in a long mixture on one file: every byte, count, position, size and flag. */
#include "hot.h"

static void test(void) {
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    warm();
    for (int round = 0; round < 40; round++) {
        hot(2 * ROUND);
        if (round % 8 == 7) settled("f", &files[0]);
    }
}
