/* What an absolute link says isn't told. */
#include "case.h"

static void test(void) {
    FAILS(NOT_PERMITTED, descriptor_readlink_at(root(), S("absolute")));
    IS(is_text(OK(descriptor_readlink_at(root(), S("relative"))), "folder/file"));
}
