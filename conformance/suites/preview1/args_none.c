/* No arguments: there is still the program's name, whatever the host takes for it. */
#include "check.h"

static void test(void) {
    char *argv[4] = {0}, data[1024];
    size_u32 count = 0, size = 0;
    OK(args_sizes_get(&count, &size));
    EQ(count, 1);
    IS(size >= 1 && size <= sizeof data);
    OK(args_get(argv, data));
    EQ(length_of(argv[0]) + 1, size);
}
