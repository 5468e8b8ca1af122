/* However much is asked for, what there is comes. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("little"));
    descriptor_t file = open_in(S("data"), 0, READ);
    static const uint64_t sizes[] = {7, 1 << 20, 1ull << 32, 1ull << 40, UINT64_MAX};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        input_stream_t in = OK(descriptor_read_via_stream(file, 0));
        list_u8_t part = GIVES(input_stream_blocking_read(in, sizes[i]));
        IS(part.size > 0 && part.size <= 6 && same(part.data, "little", part.size));
        input_stream_drop(in);
    }
    descriptor_drop(file);
}
