/* A folder that can only be read: PERM for whatever would change it, as wasmtime has it, where POSIX has ROFS. */
#include "../preview1/check.h"

enum { READ_ONLY = 4 };
#define REFUSED(call) EITHER(EPERM, EROFS, call)

static int open_there(const char *path, uint32_t oflags, uint64_t rights, fd_t *fd) {
    return path_open(READ_ONLY, 0, NAMED(path), oflags, rights, grantable, 0, fd);
}

static void test(void) {
    fd_t fd = NO_FD;
    struct filestat st;
    struct ciovec v = {"x", 1};
    size_u32 n;
    REFUSED(open_there("file.txt", 0, RW, &fd));
    REFUSED(open_there("file.txt", 0, WO, &fd));
    REFUSED(open_there("file.txt", O_TRUNC, RW, &fd));
    REFUSED(open_there("new", O_CREAT, RW, &fd));
    EQ(fd, NO_FD);
    REFUSED(path_create_directory(READ_ONLY, NAME("new")));
    REFUSED(path_symlink(NAME("dir"), READ_ONLY, NAME("new")));
    REFUSED(path_link(READ_ONLY, 0, NAME("file.txt"), READ_ONLY, NAME("new")));
    REFUSED(path_rename(READ_ONLY, NAME("dir"), READ_ONLY, NAME("new")));
    REFUSED(path_unlink_file(READ_ONLY, NAME("file.txt")));
    REFUSED(path_remove_directory(READ_ONLY, NAME("dir")));
    REFUSED(path_filestat_set_times(READ_ONLY, 0, NAME("file.txt"), 0, 0, ATIM | MTIM));

    OK(path_filestat_get(READ_ONLY, 0, NAME("file.txt"), &st));
    EQ(st.type, REGULAR_FILE);
    OK(open_there("file.txt", 0, RO, &fd));
    EITHER(EBADF, EPERM, fd_write(fd, &v, 1, &n));
    REFUSED(fd_filestat_set_times(fd, 0, 0, ATIM | MTIM));
    ONE_OF(EINVAL, EPERM, EBADF, fd_filestat_set_size(fd, 0));
    OK(fd_close(fd));
    OK(open_there("dir", O_DIRECTORY, RO, &fd));
    REFUSED(fd_filestat_set_times(fd, 0, 0, ATIM | MTIM));
    /* Not even into a folder that can be written to does a link go: it would be a way to change the file. */
    EITHER(EPERM, EXDEV, path_link(READ_ONLY, 0, NAME("file.txt"), ROOT, NAME("apple")));
    FAILS(ENOENT, stat_errno("apple"));
}
