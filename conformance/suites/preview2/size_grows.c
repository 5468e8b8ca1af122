/* set-size makes a file longer with zeroes. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("ab"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    DONE(descriptor_set_size(file, 5));
    EQ(OK(descriptor_stat(file)).size, 5);
    descriptor_drop(file);
    HOLDS(S("data"), "ab\0\0\0");
}
