/* A file as long as files may be: writes stop there, and then say FBIG. */
#include "../preview1/check.h"

enum { MOST = 1 << 16 };
static size_u32 moved;

static int write_at(fd_t fd, uint64_t offset) {
    struct ciovec v = {"0123456789", 10};
    return fd_pwrite(fd, &v, 1, offset, &moved);
}

static int write_on(fd_t fd) {
    struct ciovec v = {"0123456789", 10};
    return fd_write(fd, &v, 1, &moved);
}

static void test(void) {
    fd_t fd = create("f");
    EQ(seek(fd, MOST - 4, SEEK_SET), MOST - 4);
    OK(write_on(fd));
    EQ(moved, 4);
    FAILS(EFBIG, write_on(fd));
    EQ(tell(fd), MOST);
    OK(write_at(fd, MOST - 1));
    EQ(moved, 1);
    FAILS(EFBIG, write_at(fd, MOST));
    FAILS(EFBIG, write_at(fd, MOST + 1));
    FAILS(EFBIG, write_on(open_with("f", 0, RW, APPEND)));
    FAILS(EFBIG, fd_filestat_set_size(fd, MOST + 1));
    OK(fd_filestat_set_size(fd, MOST));
    FAILS(EFBIG, fd_allocate(fd, MOST - 1, 2));
    OK(fd_allocate(fd, MOST - 1, 1));
    EQ(stat_of("f").size, MOST);
}
