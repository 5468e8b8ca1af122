/* Who has a file open keeps it when it is renamed. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("a"), CREATE, READ | WRITE);
    DONE(descriptor_rename_at(root(), S("a"), root(), S("b")));
    write_all(file, B("written later"), 0);
    descriptor_drop(file);
    HOLDS(S("b"), "written later");
}
