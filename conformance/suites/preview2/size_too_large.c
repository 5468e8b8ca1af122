/* No file is as large as a number can be. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    ONE_OF(INVALID, FILE_TOO_LARGE, OVERFLOW, descriptor_set_size(file, UINT64_MAX));
    EQ(OK(descriptor_stat(file)).size, 0);
    descriptor_drop(file);
}
