/* fd_write then fd_read: the offset moves with both, the end of file reads as 0 bytes, and 0 bytes move nothing. */
#include "check.h"

static void test(void) {
    char got[16];
    size_u32 n = 77;
    fd_t fd = create("f");
    struct iovec empty = {got, 0};
    struct ciovec nothing = {got, 0};

    write_all(fd, "hello world", 11);
    EQ(tell(fd), 11);
    EQ(read_all(fd, got, 4), 0);
    EQ(seek(fd, 6, SEEK_SET), 6);
    EQ(read_all(fd, got, 3), 3);
    IS(same(got, "wor", 3));
    EQ(tell(fd), 9);

    EQ(read_all(fd, got, sizeof got), 2);
    IS(same(got, "ld", 2));
    for (int i = 0; i < 3; i++) EQ(read_all(fd, got, 1), 0);

    seek(fd, 2, SEEK_SET);
    OK(fd_read(fd, &empty, 1, &n));
    EQ(n, 0);
    n = 77;
    OK(fd_read(fd, &empty, 0, &n));
    EQ(n, 0);
    n = 77;
    OK(fd_write(fd, &nothing, 1, &n));
    EQ(n, 0);
    n = 77;
    OK(fd_write(fd, &nothing, 0, &n));
    EQ(n, 0);
    EQ(tell(fd), 2);

    write_all(fd, "XY", 2);
    OK(fd_close(fd));
    FILE_IS("f", "heXYo world");
}
