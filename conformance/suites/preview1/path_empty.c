/* The empty path names nothing: NOENT, for every function and for a link's target. */
#include "path_table.h"

static void test(void) {
    make_file("source", "s");
    EVERY(ENOENT, EINVAL, "", 0, 0);
    EITHER(ENOENT, EINVAL, path_symlink("", 0, ROOT, NAME("l")));
    /* The length counts, not what the bytes behind it are. */
    EVERY(ENOENT, EINVAL, "source", 0, 0);
    OK(path_filestat_get(ROOT, 0, "sourceXYZ", 6, &(struct filestat){0}));
}
