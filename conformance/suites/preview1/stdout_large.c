/* Much on stdout, in pieces of every size from 1 to 200 bytes: all of it, in order. */
#include "check.h"

static void test(void) {
    char piece[201];
    uint32_t at = 0;
    for (uint32_t size = 1; size <= 200; size++) {
        for (uint32_t i = 0; i < size; i++, at++) piece[i] = at % 64 == 63 ? '\n' : (char)('!' + at / 64 % 90);
        write_all(1, piece, size);
    }
}
