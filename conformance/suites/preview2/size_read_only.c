/* A file that was opened only for reading keeps its size; the standard names no code. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    ONE_OF(BAD_DESCRIPTOR, INVALID, NOT_PERMITTED, descriptor_set_size(file, 3));
    descriptor_drop(file);
    HOLDS(S("data"), "0123456789");
}
