/* Of 4096 bytes most values turn up. */
#include "case.h"

static void test(void) {
    uint8_t seen[256] = {0};
    int count = 0;
    list_u8_t data = random_get_random_bytes(4096);
    for (size_t i = 0; i < data.size; i++) count += !seen[data.data[i]]++;
    IS(count > 200);
}
