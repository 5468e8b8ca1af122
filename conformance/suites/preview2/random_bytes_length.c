/* get-random-bytes gives exactly as many bytes as it is asked for. */
#include "case.h"

static void test(void) {
    static const uint32_t sizes[] = {0, 1, 7, 32, 4096, 65537, 1 << 20};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) EQ(random_get_random_bytes(sizes[i]).size, sizes[i]);
}
