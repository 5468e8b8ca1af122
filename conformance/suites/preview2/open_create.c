/* create makes a file that isn't there, and opens one that is as it is. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    EQ(OK(descriptor_stat(file)).size, 0);
    write_all(file, B("kept"), 0);
    descriptor_drop(file);
    descriptor_drop(open_in(S("new"), CREATE, READ | WRITE));
    HOLDS(S("new"), "kept");
}
