/* A file that may not grow any more: write and set-size fail with file-too-large. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    write_all(file, B("x"), 9999);
    FAILS(FILE_TOO_LARGE, descriptor_write(file, B("x"), 10000));
    FAILS(FILE_TOO_LARGE, descriptor_set_size(file, 10001));
    EQ(OK(descriptor_stat(file)).size, 10000);
    descriptor_drop(file);
}
