/* What is written past the end leaves zeroes before it. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    write_all(file, B("x"), 3);
    EQ(OK(descriptor_stat(file)).size, 4);
    descriptor_drop(file);
    HOLDS(S("new"), "\0\0\0x");
}
