/* fd_filestat_set_size shrinks and grows; growth reads as zeros, also where data was before; the offset stays. */
#include "check.h"

static void test(void) {
    char got[16];
    fd_t fd = create("f"), other = open_rw("f");
    write_all(fd, "0123456789", 10);
    OK(fd_filestat_set_size(fd, 4));
    EQ(stat_of("f").size, 4);
    EQ(tell(fd), 10);
    EQ(read_all(fd, got, 4), 0);
    FILE_IS("f", "0123");

    OK(fd_filestat_set_size(fd, 8));
    IS(file_is("f", "0123\0\0\0\0", 8));
    EQ(stat_of_fd(other).size, 8);

    write_all(fd, "X", 1);
    IS(file_is("f", "0123\0\0\0\0\0\0X", 11));

    OK(fd_filestat_set_size(fd, 11));
    EQ(stat_of("f").size, 11);
    OK(fd_filestat_set_size(other, 0));
    EQ(stat_of("f").size, 0);
    EQ(pread_all(fd, got, 1, 0), 0);
}
