/* To ask for more than any memory holds gives what there is. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("little"));
    descriptor_t file = open_in(S("data"), 0, READ);
    static const uint64_t sizes[] = {7, 1 << 24, 1ull << 33, UINT64_MAX};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        tuple_list_u8_bool_t part = OK(descriptor_read(file, sizes[i], 0));
        IS(part.f0.size > 0 && part.f0.size <= 6 && same(part.f0.data, "little", part.f0.size));
    }
    descriptor_drop(file);
}
