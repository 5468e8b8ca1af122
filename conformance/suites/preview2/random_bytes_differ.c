/* Two draws of 32 bytes are different, and neither is nothing but zeroes. */
#include "case.h"

static void test(void) {
    static const uint8_t zeroes[32];
    list_u8_t a = random_get_random_bytes(32), b = random_get_random_bytes(32);
    IS(!same(a.data, b.data, 32));
    IS(!same(a.data, zeroes, 32) && !same(b.data, zeroes, 32));
}
