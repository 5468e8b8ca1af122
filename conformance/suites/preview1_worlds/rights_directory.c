/* Rights that are enforced: each function that takes a path needs its own on the directory. */
#include "rights.h"

static fd_t opened;

static fd_t directory(void) { return open_with("d", O_DIRECTORY, rights_of(ROOT).rights, 0); }

/* path_open from a directory, and whatever came of it closed again. */
static int open_in(fd_t dir, const char *path, uint32_t oflags, uint64_t rights, uint32_t fdflags) {
    int error = path_open(dir, 0, NAMED(path), oflags, rights, 0, fdflags, &opened);
    if (!error) OK(fd_close(opened));
    return error;
}

static int removed(fd_t dir, int error) {
    if (!error) OK(path_unlink_file(dir, NAME("new")));
    return error;
}

static int removed_directory(fd_t dir, int error) {
    if (!error) OK(path_remove_directory(dir, NAME("new")));
    return error;
}

static int renamed_back(fd_t dir, int error) {
    if (!error) OK(path_rename(dir, NAME("new"), dir, NAME("f")));
    return error;
}

static void test(void) {
    char buffer[256];
    size_u32 n;
    struct filestat st;
    make_dir("d");
    make_file("d/f", "text");
    make_link("f", "d/l");
    NEEDS(directory(), RIGHT_PATH_OPEN, open_in(fd, "f", 0, RIGHT_FD_READ, 0));
    NEEDS(directory(), RIGHT_PATH_CREATE_FILE, removed(fd, open_in(fd, "new", O_CREAT, RIGHT_FD_WRITE, 0)));
    NEEDS(directory(), RIGHT_PATH_FILESTAT_SET_SIZE, open_in(fd, "f", O_TRUNC, RIGHT_FD_WRITE, 0));
    NEEDS(directory(), RIGHT_FD_SYNC, open_in(fd, "f", 0, RIGHT_FD_WRITE, SYNC));
    NEEDS(directory(), RIGHT_FD_SYNC, open_in(fd, "f", 0, RIGHT_FD_WRITE, RSYNC));
    NEEDS(directory(), RIGHT_FD_SYNC | RIGHT_FD_DATASYNC, open_in(fd, "f", 0, RIGHT_FD_WRITE, DSYNC));
    NEEDS(directory(), RIGHT_FD_READDIR, fd_readdir(fd, buffer, sizeof buffer, 0, &n));
    NEEDS(directory(), RIGHT_PATH_READLINK, path_readlink(fd, NAME("l"), buffer, sizeof buffer, &n));
    NEEDS(directory(), RIGHT_PATH_FILESTAT_GET, path_filestat_get(fd, 0, NAME("f"), &st));
    NEEDS(directory(), RIGHT_PATH_FILESTAT_SET_TIMES, path_filestat_set_times(fd, 0, NAME("f"), 1, 1, ATIM | MTIM));
    NEEDS(directory(), RIGHT_FD_FILESTAT_SET_TIMES, fd_filestat_set_times(fd, 1, 1, ATIM | MTIM));
    NEEDS(directory(), RIGHT_FD_FILESTAT_GET, fd_filestat_get(fd, &st));
    NEEDS(directory(), RIGHT_PATH_CREATE_DIRECTORY, removed_directory(fd, path_create_directory(fd, NAME("new"))));
    NEEDS(directory(), RIGHT_PATH_SYMLINK, removed(fd, path_symlink(NAME("f"), fd, NAME("new"))));
    NEEDS(directory(), RIGHT_PATH_LINK_SOURCE, removed(ROOT, path_link(fd, 0, NAME("f"), ROOT, NAME("new"))));
    NEEDS(directory(), RIGHT_PATH_LINK_TARGET, removed(fd, path_link(ROOT, 0, NAME("d/f"), fd, NAME("new"))));
    NEEDS(directory(), RIGHT_PATH_RENAME_SOURCE, renamed_back(fd, path_rename(fd, NAME("f"), fd, NAME("new"))));
    NEEDS(directory(), RIGHT_PATH_RENAME_TARGET, renamed_back(fd, path_rename(fd, NAME("f"), fd, NAME("new"))));

    /* What removes can't be done twice. */
    make_file("d/new", "");
    make_dir("d/empty");
    fd_t fd = directory();
    without(fd, RIGHT_PATH_UNLINK_FILE | RIGHT_PATH_REMOVE_DIRECTORY);
    FAILS(ENOTCAPABLE, path_unlink_file(fd, NAME("new")));
    FAILS(ENOTCAPABLE, path_remove_directory(fd, NAME("empty")));
    fd = directory();
    OK(path_unlink_file(fd, NAME("new")));
    OK(path_remove_directory(fd, NAME("empty")));
}
