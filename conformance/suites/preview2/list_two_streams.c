/* Two streams over one directory have a place each. */
#include "case.h"

static int count(directory_entry_stream_t all, int most) {
    int n = 0;
    while (n < most && OK(directory_entry_stream_read_directory_entry(all)).is_some) n++;
    return n;
}

static void test(void) {
    for (int i = 0; i < 9; i++) make_file((string_t){&"abcdefghi"[i], 1}, B("x"));
    directory_entry_stream_t a = OK(descriptor_read_directory(root())), b = OK(descriptor_read_directory(root()));
    EQ(count(a, 4), 4);
    EQ(count(b, 100), 9);
    EQ(count(a, 100), 5);
    directory_entry_stream_drop(a);
    directory_entry_stream_drop(b);
}
