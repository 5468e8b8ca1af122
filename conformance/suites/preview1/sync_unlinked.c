/* All that can be asked of a file by its descriptor still can when it has no name any more, also by one that only reads. */
#include "check.h"

static void test(void) {
    char got[8];
    fd_t fd = create("f"), reader = open_with("f", 0, RO, 0);
    write_all(fd, "abcdef", 6);
    OK(path_unlink_file(ROOT, NAME("f")));
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    OK(fd_advise(fd, 0, 6, SEQUENTIAL));
    OK(fd_filestat_set_times(fd, 3, 4, ATIM | MTIM));
    EQ(stat_of_fd(reader).mtim, 4);
    OK(fd_sync(reader));
    OK(fd_datasync(reader));
    OK(fd_fdstat_set_flags(fd, APPEND));
    seek(fd, 0, SEEK_SET);
    write_all(fd, "g", 1);
    EQ(pread_all(reader, got, 8, 3), 4);
    IS(same(got, "defg", 4));
    OK(fd_filestat_set_size(fd, 2));
    EQ(read_all(reader, got, 8), 2);
    EQ(stat_of_fd(reader).nlink, 0);

    /* One of the two is closed: the file is still there; its number is for others. */
    OK(fd_close(fd));
    make_file("f", "new");
    EQ(stat_of_fd(reader).size, 2);
    EQ(pread_all(reader, got, 8, 0), 2);
    IS(same(got, "ab", 2));
    /* It has no name to be opened by, or to get another one by. */
    fd = open_with("f", 0, RW, 0);
    OK(fd_renumber(fd, reader));
    EQ(stat_of_fd(reader).size, 3);
    FILE_IS("f", "new");
}
