/* truncate empties a file. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), TRUNCATE, READ | WRITE);
    EQ(OK(descriptor_stat(file)).size, 0);
    descriptor_drop(file);
    HOLDS(S("data"), "");
}
