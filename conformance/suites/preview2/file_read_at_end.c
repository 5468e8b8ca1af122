/* At the end and past it there is nothing to read, and it is said to be the end. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    static const uint64_t offsets[] = {10, 11, 1 << 30};
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        tuple_list_u8_bool_t part = OK(descriptor_read(file, 5, offsets[i]));
        EQ(part.f0.size, 0);
        EQ(part.f1, 1);
    }
    descriptor_drop(file);
}
