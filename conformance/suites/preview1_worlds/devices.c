/* /dev, where the machine has one: null is empty and takes all, zero never ends, full is full; and no offsets. */
#include "../preview1/check.h"

static size_u32 moved;

static int write_to(fd_t fd) {
    struct ciovec v = {"text", 4};
    return fd_write(fd, &v, 1, &moved);
}

static void test(void) {
    uint8_t data[8];
    uint64_t position;
    fd_t null = open_rw("dev/null"), zero = open_rw("dev/zero"), full = open_rw("dev/full");
    EQ(read_all(null, data, 8), 0);
    EQ(read_all(zero, data, 8), 8);
    IS(all(data, 0, 8));
    OK(write_to(null));
    EQ(moved, 4);
    FAILS(ENOSPC, write_to(full));
    EQ(read_all(open_with("dev/urandom", 0, RO, 0), data, 8), 8);
    FAILS(ESPIPE, fd_seek(null, 0, SEEK_SET, &position));
    FAILS(ENODEV, fd_allocate(null, 0, 1));
    FAILS(EINVAL, fd_filestat_set_size(null, 0));
    EQ(stat_of("dev/null").type, CHARACTER_DEVICE);
    EQ(stat_of_fd(zero).type, CHARACTER_DEVICE);
    OK(open_errno("dev/null", O_TRUNC, RW, 0));
    FAILS(ENOTDIR, stat_errno("dev/null/x"));
}
