/* The environment: NAME=VALUE, each once, in any order, with empty values, with `=` in them, UTF-8. */
#include "check.h"

static char *variables[8], data[256];

static void test(void) {
    static const char *const want[] = {
        "A=1", "EMPTY=", "EQUALS=a=b=c", "UNICODE=\xc3\xa9 \xf0\x9f\x98\x80", "lower= spaced "
    };
    size_u32 count = 0, size = 0, sum = 0;
    OK(environ_sizes_get(&count, &size));
    EQ(count, 5);
    IS(size < sizeof data);
    memset(data, '#', sizeof data);
    OK(environ_get(variables, data));
    for (int w = 0; w < 5; w++) {
        int found = 0;
        for (size_u32 i = 0; i < count; i++)
            found += length_of(variables[i]) == length_of(want[w]) && same(variables[i], want[w], length_of(want[w]));
        EQ(found, 1);
        sum += length_of(want[w]) + 1;
    }
    EQ(size, sum);
    IS(all(data + size, '#', sizeof data - size));
}
