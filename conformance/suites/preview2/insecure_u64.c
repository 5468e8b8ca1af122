/* get-insecure-random-u64 can be called again and again. */
#include "case.h"

static void test(void) {
    for (int i = 0; i < 1000; i++) insecure_get_insecure_random_u64();
}
