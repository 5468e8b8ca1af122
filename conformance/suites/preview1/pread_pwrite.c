/* fd_pread and fd_pwrite work at a position and leave the offset alone. */
#include "check.h"

static void test(void) {
    char got[8];
    size_u32 n = 77;
    struct iovec empty = {got, 0};
    struct ciovec nothing = {got, 0};
    fd_t fd = create("f");
    write_all(fd, "0123456789", 10);
    seek(fd, 3, SEEK_SET);

    EQ(pread_all(fd, got, 4, 5), 4);
    IS(same(got, "5678", 4));
    EQ(pread_all(fd, got, 8, 8), 2);
    IS(same(got, "89", 2));
    EQ(pread_all(fd, got, 8, 10), 0);
    EQ(pread_all(fd, got, 8, 1000), 0);
    EQ(tell(fd), 3);

    pwrite_all(fd, "XY", 2, 1);
    pwrite_all(fd, "Z", 1, 12);
    EQ(tell(fd), 3);
    IS(file_is("f", "0XY3456789\0\0Z", 13));

    OK(fd_pread(fd, &empty, 1, 0, &n));
    EQ(n, 0);
    n = 77;
    OK(fd_pwrite(fd, &nothing, 0, 500, &n));
    EQ(n, 0);
    EQ(stat_of_fd(fd).size, 13);

    EQ(read_all(fd, got, 2), 2);
    IS(same(got, "34", 2));
}
