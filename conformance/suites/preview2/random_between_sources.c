/* Bytes, numbers and the insecure source may be asked in any order. */
#include "case.h"

static void test(void) {
    for (int i = 0; i < 50; i++) {
        EQ(random_get_random_bytes(3).size, 3);
        random_get_random_u64();
        EQ(insecure_get_insecure_random_bytes(5).size, 5);
        insecure_get_insecure_random_u64();
    }
}
