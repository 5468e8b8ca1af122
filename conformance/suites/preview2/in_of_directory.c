/* A directory gives no stream of bytes; the standard names no code for it. */
#include "case.h"

static void test(void) {
    EITHER(BAD_DESCRIPTOR, IS_DIRECTORY, descriptor_read_via_stream(root(), 0));
}
