/* The arguments arrive in order, each ended by a NUL, in one block without gaps: empty ones, spaces, UTF-8. */
#include "check.h"

static char *argv[8], data[128];

static void test(void) {
    static const char *const want[] = {"one", "", "two words", "\xc3\xbcn\xc3\xaf \xf0\x9f\x98\x80", "--x=y", ""};
    size_u32 count = 0, size = 0, sum = 0;
    OK(args_sizes_get(&count, &size));
    EQ(count, 7);
    IS(size < sizeof data);
    memset(data, '#', sizeof data);
    OK(args_get(argv, data));
    IS(argv[0] == data);
    for (size_u32 i = 0; i < count; i++) {
        if (i) {
            EQ(length_of(argv[i]), length_of(want[i - 1]));
            IS(same(argv[i], want[i - 1], length_of(want[i - 1])));
        }
        sum += length_of(argv[i]) + 1;
        if (i + 1 < count) IS(argv[i + 1] == argv[i] + length_of(argv[i]) + 1);
    }
    EQ(sum, size);
    IS(all(data + size, '#', sizeof data - size));
    IS(argv[7] == 0);
    /* Asking again gives the same, somewhere else. */
    static char other[128];
    char *again[8];
    OK(args_get(again, other));
    IS(again[0] == other && same(other, data, size));
}
