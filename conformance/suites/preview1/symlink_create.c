/* Creating through a link that leads nowhere: with following it makes the target, exclusively it is EXIST, and without
 * following the link is in the way. */
#include "check.h"

static int through(const char *path, uint32_t lookup, uint32_t oflags) {
    fd_t fd = NO_FD;
    int error = path_open(ROOT, lookup, NAMED(path), oflags, RW, grantable, 0, &fd);
    if (!error) {
        write_all(fd, "made", 4);
        OK(fd_close(fd));
    }
    return error;
}

static void test(void) {
    make_dir("d");
    make_link("d/target", "link");
    make_link("link", "chain");
    make_link("none/target", "astray");
    FAILS(EEXIST, through("link", FOLLOW, O_CREAT | O_EXCL));
    FAILS(EEXIST, through("link", 0, O_CREAT | O_EXCL));
    FAILS(ELOOP, through("link", 0, O_CREAT));
    FAILS(ENOENT, through("link", FOLLOW, 0));
    FAILS(ENOENT, stat_errno("d/target"));
    OK(through("chain", FOLLOW, O_CREAT));
    FILE_IS("d/target", "made");
    EQ(stat_of("link").type, SYMBOLIC_LINK);
    EQ(stat_of("chain").type, SYMBOLIC_LINK);
    OK(through("link", FOLLOW, O_CREAT | O_TRUNC));
    FILE_IS("d/target", "made");
    FAILS(EEXIST, through("chain", FOLLOW, O_CREAT | O_EXCL));
    FAILS(ENOENT, through("astray", FOLLOW, O_CREAT));
    /* The target goes, and comes again by the same way. */
    OK(path_unlink_file(ROOT, NAME("d/target")));
    FAILS(ENOENT, through("chain", FOLLOW, 0));
    OK(through("link", FOLLOW, O_CREAT));
    FILE_IS("d/target", "made");
}
