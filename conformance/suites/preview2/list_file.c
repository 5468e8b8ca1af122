/* A file has no entries. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    EITHER(NOT_DIRECTORY, BAD_DESCRIPTOR, descriptor_read_directory(file));
    descriptor_drop(file);
}
