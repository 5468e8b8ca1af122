/* Random bytes of a seed go on where they were left: those of RFC 8439's first block for the key of zeros, from the 6th on. */
#include "../preview1/check.h"

static const uint8_t wanted[] = {
    0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0,
};
static uint8_t got[1024];

static void test(void) {
    OK(random_get(got, 3));
    OK(random_get(got + 3, sizeof got - 3));
    IS(same(got, wanted, sizeof wanted));
    /* The blocks behind it are others. */
    for (size_u32 at = 1; at + sizeof wanted <= sizeof got; at++) IS(!same(got + at, wanted, sizeof wanted));
}
