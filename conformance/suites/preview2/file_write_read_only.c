/* What was opened only for reading can't be written. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    EITHER(BAD_DESCRIPTOR, NOT_PERMITTED, descriptor_write(file, B("y"), 0));
    descriptor_drop(file);
    HOLDS(S("data"), "x");
}
