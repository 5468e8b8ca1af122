/* A file's name with a slash behind it opens no file. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NOT_DIRECTORY, descriptor_open_at(root(), 0, S("file/"), 0, READ));
}
