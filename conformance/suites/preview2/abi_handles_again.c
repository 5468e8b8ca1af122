/* The numbers of dropped handles may come again, and mean what is new. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    for (int i = 0; i < 100; i++) {
        descriptor_t file = open_in(S("data"), 0, READ);
        EQ(OK(descriptor_get_type(file)), DESCRIPTOR_TYPE_REGULAR_FILE);
        descriptor_drop(file);
        descriptor_t directory = open_in(S("."), DIRECTORY, READ);
        EQ(OK(descriptor_get_type(directory)), DESCRIPTOR_TYPE_DIRECTORY);
        descriptor_drop(directory);
    }
}
