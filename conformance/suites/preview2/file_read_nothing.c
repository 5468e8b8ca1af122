/* To read no bytes gives none. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    EQ(OK(descriptor_read(file, 0, 0)).f0.size, 0);
    EQ(OK(descriptor_read(file, 0, 10)).f0.size, 0);
    descriptor_drop(file);
}
