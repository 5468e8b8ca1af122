/* random_get fills exactly what it is asked to, from nothing to a megabyte, and doesn't repeat itself. */
#include "check.h"

enum { BIG = 1 << 20 };
static uint8_t big[BIG];

static void test(void) {
    uint8_t a[64], b[64];
    int counts[256] = {0};
    memset(a, 0x5a, sizeof a);
    OK(random_get(a, 0));
    IS(all(a, 0x5a, sizeof a));
    OK(random_get(a + 1, 31));
    IS(a[0] == 0x5a && all(a + 32, 0x5a, 32));
    IS(!all(a + 1, 0x5a, 31));

    OK(random_get(a, sizeof a));
    OK(random_get(b, sizeof b));
    IS(!same(a, b, sizeof a));
    OK(random_get(big, BIG));
    for (int i = 0; i < BIG; i++) counts[big[i]]++;
    /* 4,096 of each are expected; a fair source is out of these bounds about never. */
    for (int i = 0; i < 256; i++) IS(counts[i] > 3500 && counts[i] < 4700);
}
