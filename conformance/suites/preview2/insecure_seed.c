/* insecure-seed gives two numbers, also a second time. */
#include "case.h"

static void test(void) {
    tuple_u64_u64_t a = insecure_seed_insecure_seed(), b = insecure_seed_insecure_seed();
    (void)a, (void)b;
}
