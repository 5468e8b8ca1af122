/* Without variables there are none. */
#include "case.h"

static void test(void) {
    EQ(environment_get_environment().size, 0);
}
