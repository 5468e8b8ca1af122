/* Every descriptor is taken: path_open says MFILE, and has created nothing; a number that comes free is given again. */
#include "../preview1/check.h"

static void test(void) {
    make_file("f", "text");
    fd_t first = open_rw("f"), last = open_rw("f");
    FAILS(EMFILE, open_errno("f", 0, RO, 0));
    FAILS(EMFILE, open_errno("new", O_CREAT, RW, 0));
    FAILS(EMFILE, path_open(ROOT, 0, NAME("."), O_DIRECTORY, RO, grantable, 0, &first));
    FAILS(ENOENT, stat_errno("new"));
    OK(fd_close(last));
    FAILS(ENOENT, open_errno("missing", 0, RO, 0));
    FILE_IS("f", "text");
    IS(open_rw("f") == last);
    FAILS(EMFILE, open_errno("f", 0, RO, 0));
}
