/* get-type tells files from directories. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    make_directory(S("sub"));
    descriptor_t file = open_in(S("data"), 0, READ), directory = open_in(S("sub"), 0, READ);
    EQ(OK(descriptor_get_type(file)), DESCRIPTOR_TYPE_REGULAR_FILE);
    EQ(OK(descriptor_get_type(directory)), DESCRIPTOR_TYPE_DIRECTORY);
    EQ(OK(descriptor_get_type(root())), DESCRIPTOR_TYPE_DIRECTORY);
    descriptor_drop(file);
    descriptor_drop(directory);
}
