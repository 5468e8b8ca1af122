/* A directory has no size to set. */
#include "case.h"

static void test(void) {
    ONE_OF(BAD_DESCRIPTOR, INVALID, IS_DIRECTORY, descriptor_set_size(root(), 3));
}
