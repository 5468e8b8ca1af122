/* Random bytes never come a second time, in whatever pieces they are asked for. */
#include "check.h"

enum { MANY = 3000, LARGE = 96 * 1024 };
static uint64_t drawn[MANY + LARGE / 8];
static uint64_t table[1 << 15];

/* Has this number come before? (A chance of one in 2^35 that it has, by chance.) */
static int again(uint64_t number) {
    uint32_t at = (uint32_t)(number >> 20) & ((1 << 15) - 1);
    while (table[at]) {
        if (table[at] == number) return 1;
        at = (at + 1) & ((1 << 15) - 1);
    }
    table[at] = number;
    return 0;
}

static void test(void) {
    uint8_t odd[13];
    for (int i = 0; i < MANY; i++) {
        OK(random_get(drawn + i, 8));
        if (i % 3 == 0) OK(random_get(odd, (size_u32)i % 13));
    }
    OK(random_get(drawn + MANY, LARGE));
    for (int i = 0; i < MANY + LARGE / 8; i++) IS(!again(drawn[i]));
    /* Each bit is set about half the time. */
    for (int bit = 0; bit < 64; bit++) {
        int set = 0;
        for (int i = 0; i < MANY + LARGE / 8; i++) set += drawn[i] >> bit & 1;
        IS(set > (MANY + LARGE / 8) / 3 && set < (MANY + LARGE / 8) / 3 * 2);
    }
}
