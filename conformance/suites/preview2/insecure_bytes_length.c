/* get-insecure-random-bytes gives exactly as many bytes as it is asked for; what they are, nobody promises. */
#include "case.h"

static void test(void) {
    static const uint32_t sizes[] = {0, 1, 9, 4096, 70000};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        EQ(insecure_get_insecure_random_bytes(sizes[i]).size, sizes[i]);
}
