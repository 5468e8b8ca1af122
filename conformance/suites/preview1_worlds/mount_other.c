/* Two file systems: neither a link nor a file moves from one to the other, and each has a number of its own. */
#include "../preview1/check.h"

enum { OTHER = 4 };

static void test(void) {
    struct filestat there;
    make_file("f", "text");
    make_dir("d");
    FAILS(EXDEV, path_link(ROOT, 0, NAME("f"), OTHER, NAME("f")));
    FAILS(EXDEV, path_rename(ROOT, NAME("f"), OTHER, NAME("f")));
    FAILS(EXDEV, path_rename(ROOT, NAME("d"), OTHER, NAME("d")));
    OK(path_filestat_get(OTHER, 0, NAME("."), &there));
    IS(there.dev != stat_of(".").dev);
    FAILS(ENOENT, path_filestat_get(OTHER, 0, NAME("f"), &there));
    FILE_IS("f", "text");
    EQ(stat_of("d").type, DIRECTORY);
    /* A copy goes where a name can't. */
    fd_t fd = NO_FD;
    OK(path_open(OTHER, 0, NAME("f"), O_CREAT, RW, grantable, 0, &fd));
    write_all(fd, "text", 4);
    OK(path_filestat_get(OTHER, 0, NAME("f"), &there));
    EQ(there.size, 4);
}
