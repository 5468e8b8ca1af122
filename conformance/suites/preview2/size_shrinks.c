/* set-size cuts a file off; what was behind doesn't come back when it grows again. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    DONE(descriptor_set_size(file, 3));
    EQ(OK(descriptor_stat(file)).size, 3);
    DONE(descriptor_set_size(file, 5));
    DONE(descriptor_set_size(file, 5));
    descriptor_drop(file);
    HOLDS(S("data"), "012\0\0");
}
