/* path_open without SYMLINK_FOLLOW: a link at the end is LOOP, a link in the middle is followed. */
#include "check.h"

static int open_following(const char *path, uint32_t oflags, uint64_t rights) {
    fd_t fd;
    int error = path_open(ROOT, FOLLOW, NAMED(path), oflags, rights, grantable, 0, &fd);
    if (!error) OK(fd_close(fd));
    return error;
}

static void test(void) {
    make_dir("d");
    make_file("d/f", "abc");
    make_link("d/f", "to_file");
    make_link("d", "to_dir");
    make_link("none", "dangling");

    FAILS(ELOOP, open_errno("to_file", 0, RW, 0));
    FAILS(ELOOP, open_errno("to_dir", 0, RO, 0));
    /* For a directory POSIX has both: LOOP for the link, NOTDIR as the link isn't a directory. */
    EITHER(ELOOP, ENOTDIR, open_errno("to_dir", O_DIRECTORY, RO, 0));
    FAILS(ELOOP, open_errno("dangling", 0, RW, 0));
    FAILS(ELOOP, open_errno("dangling", O_CREAT, RW, 0));
    FAILS(EEXIST, open_errno("dangling", O_CREAT | O_EXCL, RW, 0));
    FAILS(EEXIST, open_errno("to_file", O_CREAT | O_EXCL, RW, 0));
    FAILS(ELOOP, open_errno("to_file", O_TRUNC, RW, 0));
    OK(open_errno("to_dir/f", 0, RW, 0));
    FILE_IS("to_dir/f", "abc");

    OK(open_following("to_file", 0, RW));
    OK(open_following("to_dir", O_DIRECTORY, RO));
    FAILS(ENOTDIR, open_following("to_file", O_DIRECTORY, RO));
    FAILS(EISDIR, open_following("to_dir", 0, RW));
    FAILS(ENOENT, open_following("dangling", 0, RW));
    FAILS(EEXIST, open_following("dangling", O_CREAT | O_EXCL, RW));
    FAILS(EEXIST, open_following("to_file", O_CREAT | O_EXCL, RW));
    FAILS(ENOENT, stat_errno("none"));

    /* CREAT through a dangling link makes what the link names. */
    OK(open_following("dangling", O_CREAT, RW));
    EQ(stat_of("none").type, REGULAR_FILE);
    EQ(stat_of("dangling").type, SYMBOLIC_LINK);
}
