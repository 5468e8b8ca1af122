/* Links on the way are followed in any case. */
#include "case.h"

static void test(void) {
    make_directory(S("a"));
    make_directory(S("a/b"));
    make_file(S("a/b/file"), B("deep"));
    DONE(descriptor_symlink_at(root(), S("a"), S("one")));
    DONE(descriptor_symlink_at(root(), S("one/b"), S("two")));
    descriptor_t file = OK(descriptor_open_at(root(), 0, S("two/file"), 0, READ));
    EQ(read_all(file, block, 10, 0), 4);
    descriptor_drop(file);
}
