/* Nothing can be created under a name that only a directory can have, be it there or not, and whether or not it must be new. */
#include "check.h"

static void test(void) {
    static const char *paths[] = {"./", "d/", "new/", "d/../", "d/new/", "link/"};
    make_dir("d");
    make_link("d", "link");
    for (int i = 0; i < 6; i++) {
        FAILS(EISDIR, open_errno(paths[i], O_CREAT, RW, 0));
        /* Linux says ISDIR whatever is there, and wasmtime EXIST where something is. */
        EITHER(EISDIR, EEXIST, open_errno(paths[i], O_CREAT | O_EXCL, RW, 0));
        FAILS(EISDIR, open_errno(paths[i], O_CREAT, RO, 0));
    }
    /* Neither by way of a link that ends so. */
    fd_t fd = NO_FD;
    make_link("new/", "dangling");
    make_link("d/", "directory");
    FAILS(EISDIR, path_open(ROOT, FOLLOW, NAME("dangling"), O_CREAT, RW, grantable, 0, &fd));
    FAILS(EISDIR, path_open(ROOT, FOLLOW, NAME("directory"), O_CREAT, RW, grantable, 0, &fd));
    EQ(fd, NO_FD);
    FAILS(ENOENT, open_errno("missing/new/", O_CREAT, RW, 0));
    FAILS(ENOENT, stat_errno("new"));
    FAILS(EISDIR, open_errno("d", O_CREAT, RO, 0));
    FAILS(EEXIST, open_errno("d", O_CREAT | O_EXCL, RO, 0));
    FAILS(EEXIST, open_errno("link", O_CREAT | O_EXCL, RO, 0));
}
