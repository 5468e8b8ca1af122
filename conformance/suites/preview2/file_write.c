/* write tells how much it wrote, and leaves alone what is around. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    uint64_t n = OK(descriptor_write(file, B("ab"), 3));
    IS(n >= 1 && n <= 2);
    if (n == 1) EQ(OK(descriptor_write(file, B("b"), 4)), 1);
    descriptor_drop(file);
    HOLDS(S("data"), "012ab56789");
}
