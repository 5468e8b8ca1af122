/* read gives what is at an offset, and says whether that was the end. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    tuple_list_u8_bool_t part = OK(descriptor_read(file, 4, 2));
    IS(part.f0.size > 0 && part.f0.size <= 4 && same(part.f0.data, "2345", part.f0.size));
    EQ(part.f1, 0);
    EQ(read_all(file, block, 100, 6), 4);
    IS(same(block, "6789", 4));
    descriptor_drop(file);
}
