/* A folder of the host is there with what is in it. */
#include "case.h"

static void test(void) {
    HOLDS(S("hello.txt"), "hello from the host\n");
    HOLDS(S("folder/inner.txt"), "inner\n");
    EQ(stat_of(S("folder")).type, DESCRIPTOR_TYPE_DIRECTORY);
}
