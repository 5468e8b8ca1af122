/* With exclusive, create makes a file or fails. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    descriptor_drop(open_in(S("new"), CREATE | EXCLUSIVE, READ | WRITE));
    FAILS(EXIST, descriptor_open_at(root(), 0, S("new"), CREATE | EXCLUSIVE, READ | WRITE));
    FAILS(EXIST, descriptor_open_at(root(), 0, S("sub"), CREATE | EXCLUSIVE, READ | WRITE));
}
