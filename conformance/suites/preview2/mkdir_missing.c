/* A directory can't be made where there is none, nor below a file. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NO_ENTRY, descriptor_create_directory_at(root(), S("nothing/sub")));
    FAILS(NOT_DIRECTORY, descriptor_create_directory_at(root(), S("file/sub")));
    FAILS(NO_ENTRY, descriptor_create_directory_at(root(), S("")));
}
