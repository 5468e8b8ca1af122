/* Three hundred arguments, the nth of n bytes. */
#include "check.h"

static char *argv[310], data[50000];

static void test(void) {
    size_u32 count = 0, size = 0;
    OK(args_sizes_get(&count, &size));
    EQ(count, 301);
    IS(size <= sizeof data);
    OK(args_get(argv, data));
    for (size_u32 i = 0; i < 300; i++) {
        EQ(length_of(argv[i + 1]), i);
        IS(all(argv[i + 1], 'x', i));
    }
}
