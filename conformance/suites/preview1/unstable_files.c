/* wasi_unstable's files: what didn't change between the two versions still works under the older name. */
#define WASI_UNSTABLE
#include "readdir.h"

static void test(void) {
    char got[8];
    size_u32 n;
    int total;
    struct fdstat fs;
    fd_t fd;
    make_file("f", "abc");
    FILE_IS("f", "abc");
    make_dir("d");
    FAILS(EEXIST, path_create_directory(ROOT, NAME("d")));
    make_link("f", "d/l");
    OK(path_readlink(ROOT, NAME("d/l"), got, sizeof got, &n));
    EQ(n, 1);
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("d/h")));
    EQ(count_of(open_dir("d"), "h", 4096, &total), 1);
    EQ(total, 4);
    EITHER(ENOTEMPTY, EEXIST, path_remove_directory(ROOT, NAME("d")));
    OK(path_rename(ROOT, NAME("d"), ROOT, NAME("e")));
    OK(path_unlink_file(ROOT, NAME("e/l")));
    OK(path_unlink_file(ROOT, NAME("e/h")));
    OK(path_remove_directory(ROOT, NAME("e")));
    fd = open_with("f", O_TRUNC, RW, APPEND);
    OK(fd_fdstat_get(fd, &fs));
    EQ(fs.type, REGULAR_FILE);
    EQ(fs.flags, APPEND);
    pwrite_all(fd, "xyz", 3, 0);
    EQ(pread_all(fd, got, 8, 0), 3);
    OK(fd_filestat_set_size(fd, 1));
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    OK(fd_advise(fd, 0, 0, NORMAL));
    OK(fd_close(fd));
    FAILS(EBADF, fd_close(fd));
    FILE_IS("f", "x");
}
