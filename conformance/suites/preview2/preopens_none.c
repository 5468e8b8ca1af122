/* Without folders the list is empty. */
#include "case.h"

static void test(void) {
    EQ(preopens_get_directories().size, 0);
}
