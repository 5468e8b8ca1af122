/* What was opened only for writing can't be read. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, WRITE);
    EITHER(BAD_DESCRIPTOR, NOT_PERMITTED, descriptor_read(file, 1, 0));
    descriptor_drop(file);
}
