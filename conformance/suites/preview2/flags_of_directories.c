/* get-flags of a directory tells whether it may be changed. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    descriptor_t fixed = open_in(S("sub"), DIRECTORY, READ), free = open_in(S("sub"), DIRECTORY, READ | MUTATE);
    EQ(OK(descriptor_get_flags(fixed)) & (READ | MUTATE), READ);
    EQ(OK(descriptor_get_flags(free)) & (READ | MUTATE), READ | MUTATE);
    descriptor_drop(fixed);
    descriptor_drop(free);
}
