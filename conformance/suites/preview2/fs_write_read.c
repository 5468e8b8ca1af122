/* What is written at an offset is read there again. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    write_all(file, B("hello, world"), 0);
    EQ(read_all(file, block, 5, 7), 5);
    IS(same(block, "world", 5));
    descriptor_drop(file);
    HOLDS(S("new"), "hello, world");
}
