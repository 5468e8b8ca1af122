/* path_rename's refusals: kinds that don't fit, a full directory, a directory into itself, missing things. */
#include "check.h"

static int rename(const char *from, const char *to) { return path_rename(ROOT, NAMED(from), ROOT, NAMED(to)); }

static void test(void) {
    make_file("f", "F");
    make_dir("d");
    make_dir("full");
    make_file("full/x", "X");
    make_link("loop", "loop");
    make_link("d", "to_dir");

    FAILS(EISDIR, rename("f", "d"));
    FAILS(ENOTDIR, rename("d", "f"));
    EITHER(ENOTEMPTY, EEXIST, rename("d", "full"));
    FAILS(EINVAL, rename("d", "d/sub"));
    FAILS(EINVAL, rename("full", "full/sub"));
    make_dir("d/deep");
    FAILS(EINVAL, rename("d", "d/deep/sub"));
    FAILS(ENOTDIR, rename("full", "full/x/y"));
    /* A file over the directory that holds it. */
    ONE_OF(ENOTEMPTY, EISDIR, EEXIST, rename("full/x", "full"));

    FAILS(ENOENT, rename("none", "new"));
    FAILS(ENOENT, rename("none", "f"));
    FAILS(ENOENT, rename("none", "none"));
    FAILS(ENOENT, rename("f", "none/new"));
    FAILS(ENOTDIR, rename("f", "f/x"));
    FAILS(ENOTDIR, rename("f/x", "new"));
    FAILS(ELOOP, rename("f", "loop/x"));
    FAILS(ELOOP, rename("loop/x", "new"));

    FAILS(ENOTDIR, rename("f", "new/"));
    FAILS(ENOTDIR, rename("d", "to_dir"));
    FILE_IS("f", "F");
    FILE_IS("full/x", "X");
    EQ(stat_of("d/deep").type, DIRECTORY);
    FAILS(ENOENT, stat_errno("new"));
}
