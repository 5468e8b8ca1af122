/* A name of 255 bytes is fine. */
#include "case.h"

static void test(void) {
    memset(block + 1000, 'x', 255);
    string_t name = {(const char *)block + 1000, 255};
    make_file(name, B("x"));
    EQ(stat_of(name).size, 1);
}
