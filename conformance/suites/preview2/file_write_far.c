/* Where no file can reach, nothing is written. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    ONE_OF(INVALID, FILE_TOO_LARGE, OVERFLOW, descriptor_write(file, B("x"), UINT64_MAX));
    ONE_OF(INVALID, FILE_TOO_LARGE, OVERFLOW, descriptor_write(file, B("xy"), INT64_MAX));
    EQ(OK(descriptor_stat(file)).size, 0);
    descriptor_drop(file);
}
