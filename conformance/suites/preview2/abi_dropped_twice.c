/* A handle can be dropped once. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    descriptor_drop(file);
    descriptor_drop(file);
}
