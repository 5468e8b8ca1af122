/* An empty file is at its end from the beginning. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B(""));
    descriptor_t file = open_in(S("data"), 0, READ);
    tuple_list_u8_bool_t part = OK(descriptor_read(file, 5, 0));
    EQ(part.f0.size, 0);
    EQ(part.f1, 1);
    descriptor_drop(file);
}
