/* A handle that was dropped is none. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    descriptor_drop(file);
    descriptor_stat(file);
}
