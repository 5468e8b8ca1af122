/* Dropping a descriptor closes it: three thousand may be opened one after the other. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    for (int i = 0; i < 3000; i++) descriptor_drop(open_in(S("data"), 0, READ));
}
