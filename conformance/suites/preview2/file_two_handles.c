/* Two descriptors of one file see what the other one writes. */
#include "case.h"

static void test(void) {
    descriptor_t a = open_in(S("new"), CREATE, READ | WRITE), b = open_in(S("new"), 0, READ | WRITE);
    write_all(a, B("from a"), 0);
    EQ(read_all(b, block, 10, 0), 6);
    write_all(b, B("b"), 5);
    EQ(read_all(a, block, 10, 0), 6);
    IS(same(block, "from b", 6));
    descriptor_drop(a);
    descriptor_drop(b);
}
