/* A file's name with a slash behind it is no file's. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NOT_DIRECTORY, descriptor_unlink_file_at(root(), S("file/")));
    FAILS(NOT_DIRECTORY, descriptor_unlink_file_at(root(), S("file/below")));
    HOLDS(S("file"), "x");
}
