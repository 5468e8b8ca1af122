/* A NUL byte in a path is INVAL for every function, as is one in a link's target. */
#include "path_table.h"

static void test(void) {
    make_file("source", "s");
    make_file("a", "a");
    EVERY(EINVAL, EILSEQ, NAME("a\0b"), 0);
    EVERY(EINVAL, EILSEQ, NAME("a\0"), 0);
    EVERY(EINVAL, EILSEQ, NAME("\0"), 0);
    EVERY(EINVAL, EILSEQ, NAME("\0a"), 0);
    EITHER(EINVAL, EILSEQ, path_symlink(NAME("t\0t"), ROOT, NAME("l")));
    FAILS(ENOENT, stat_errno("l"));
    EQ(stat_of("a").nlink, 1);
}
