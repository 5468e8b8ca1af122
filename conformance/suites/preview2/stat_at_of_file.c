/* A file is no directory to look things up in. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_stat_at(file, 0, S("x")));
    descriptor_drop(file);
}
