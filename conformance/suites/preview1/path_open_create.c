/* path_open with CREAT, EXCL and TRUNC: what is made, what is kept, what is refused. */
#include "check.h"

static void test(void) {
    FAILS(ENOENT, open_errno("f", 0, RW, 0));
    OK(open_errno("f", O_CREAT, RW, 0));
    EQ(stat_of("f").size, 0);
    EQ(stat_of("f").type, REGULAR_FILE);
    make_file("f", "abc");

    OK(open_errno("f", O_CREAT, RW, 0));
    FILE_IS("f", "abc");
    FAILS(EEXIST, open_errno("f", O_CREAT | O_EXCL, RW, 0));
    FAILS(EEXIST, open_errno("f", O_CREAT | O_EXCL | O_TRUNC, RW, 0));
    FILE_IS("f", "abc");
    OK(open_errno("g", O_CREAT | O_EXCL, RW, 0));

    OK(open_errno("f", O_TRUNC, WO, 0));
    EQ(stat_of("f").size, 0);
    FAILS(ENOENT, open_errno("none", O_TRUNC, RW, 0));
    make_file("f", "abc");
    OK(open_errno("f", O_CREAT | O_TRUNC, RW, 0));
    EQ(stat_of("f").size, 0);

    /* EXCL without CREAT: POSIX leaves it open; wasmtime ignores it. */
    EITHER(SUCCESS, EINVAL, open_errno("f", O_EXCL, RW, 0));
    EITHER(ENOENT, EINVAL, open_errno("none", O_EXCL, RW, 0));
    /* TRUNC without the right to write: undefined in POSIX; Linux and wasmtime truncate. */
    make_file("f", "abc");
    ONE_OF(SUCCESS, EINVAL, EACCES, open_errno("f", O_TRUNC, RO, 0));
    /* Creating needs no right to write the file. */
    OK(open_errno("h", O_CREAT, RO, 0));
    EQ(stat_of("h").size, 0);
    FAILS(ENOENT, open_errno("none/f", O_CREAT, RW, 0));
    FAILS(ENOENT, stat_errno("none"));
}
