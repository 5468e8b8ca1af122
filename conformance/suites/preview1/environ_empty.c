/* No environment: no variables, no bytes, and nothing is written. */
#include "check.h"

static void test(void) {
    char *variables[2] = {(char *)5, (char *)5}, data[2] = {'#', '#'};
    size_u32 count = 77, size = 77;
    OK(environ_sizes_get(&count, &size));
    EQ(count, 0);
    EQ(size, 0);
    OK(environ_get(variables, data));
    IS(variables[0] == (char *)5 && data[0] == '#');
}
