/* Only what an overlay has copied counts against its quota. A file that has no room is refused as a whole, and stays the host's;
 * nothing of it is charged. */
#include "../preview1/check.h"

enum { HOST = 4, OVER = 5, LARGE = 150000, SMALL = 90000 };
static uint8_t data[LARGE], got[LARGE];

static fd_t open_at(fd_t dir, const char *name, uint32_t oflags) {
    fd_t fd = NO_FD;
    OK(path_open(dir, 0, NAMED(name), oflags, RW, grantable, 0, &fd));
    return fd;
}

static void test(void) {
    struct ciovec v = {"X", 1};
    size_u32 n = 0;
    for (size_u32 i = 0; i < LARGE; i++) data[i] = (uint8_t)(i % 251 + 1);
    fd_t fd = open_at(HOST, "large", O_CREAT);
    write_all(fd, data, LARGE);
    OK(fd_close(fd));
    fd = open_at(HOST, "small", O_CREAT);
    write_all(fd, data, SMALL);
    OK(fd_close(fd));

    fd = open_at(OVER, "large", 0);
    for (int i = 0; i < 3; i++) FAILS(ENOSPC, fd_pwrite(fd, &v, 1, 5, &n));
    EQ(pread_all(fd, got, LARGE, 0), LARGE);
    IS(same(got, data, LARGE));
    EQ(stat_of_fd(fd).size, LARGE);
    OK(fd_close(fd));

    fd = open_at(OVER, "small", 0);
    pwrite_all(fd, "X", 1, 5);
    EQ(pread_all(fd, got, LARGE, 0), SMALL);
    data[5] = 'X';
    IS(same(got, data, SMALL));
    OK(fd_filestat_set_size(fd, 10));
    OK(fd_close(fd));
    /* Cut first, a large one has room. */
    fd = open_at(OVER, "large", 0);
    OK(fd_filestat_set_size(fd, SMALL));
    pwrite_all(fd, "X", 1, 5);
    EQ(pread_all(fd, got, LARGE, 0), SMALL);
    IS(same(got, data, SMALL));
    OK(fd_close(fd));
}
