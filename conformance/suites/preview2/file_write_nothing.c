/* To write nothing writes nothing, and makes no file longer. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    EQ(OK(descriptor_write(file, B(""), 0)), 0);
    EQ(OK(descriptor_write(file, B(""), 100)), 0);
    EQ(OK(descriptor_stat(file)).size, 0);
    descriptor_drop(file);
}
