/* link-at gives a file another name. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    make_directory(S("sub"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ | MUTATE);
    DONE(descriptor_link_at(root(), 0, S("a"), sub, S("b")));
    descriptor_t file = open_in(S("sub/b"), 0, READ | WRITE);
    write_all(file, B("yz"), 0);
    descriptor_drop(file);
    descriptor_drop(sub);
    HOLDS(S("a"), "yz");
}
