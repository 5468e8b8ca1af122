/* Two streams of one file have a place each. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    input_stream_t a = OK(descriptor_read_via_stream(file, 0)), b = OK(descriptor_read_via_stream(file, 5));
    for (int i = 0; i < 5; i++) {
        EQ(GIVES(input_stream_blocking_read(a, 1)).data[0], '0' + i);
        EQ(GIVES(input_stream_blocking_read(b, 1)).data[0], '5' + i);
    }
    input_stream_drop(a);
    input_stream_drop(b);
    descriptor_drop(file);
}
