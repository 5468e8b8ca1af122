/* Sixteen numbers of 64 bits: none comes twice, and some use the upper half. */
#include "case.h"

static void test(void) {
    uint64_t drawn[16];
    int large = 0;
    for (int i = 0; i < 16; i++) {
        drawn[i] = random_get_random_u64();
        large |= drawn[i] >> 32 != 0;
        for (int j = 0; j < i; j++) IS(drawn[i] != drawn[j]);
    }
    IS(large);
}
