/* A directory gives no stream to write or to append; the standard names no code for it. */
#include "case.h"

static void test(void) {
    EITHER(BAD_DESCRIPTOR, IS_DIRECTORY, descriptor_write_via_stream(root(), 0));
    EITHER(BAD_DESCRIPTOR, IS_DIRECTORY, descriptor_append_via_stream(root()));
}
