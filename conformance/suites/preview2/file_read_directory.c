/* A directory has no bytes; the standard names no code for it. */
#include "case.h"

static void test(void) {
    EITHER(IS_DIRECTORY, BAD_DESCRIPTOR, descriptor_read(root(), 1, 0));
}
