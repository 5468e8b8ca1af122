/* A write of several buffers stops in the middle of one, or between two, where files may not be longer. */
#include "../preview1/check.h"

enum { MOST = 20 };
static size_u32 moved;

static int put(fd_t fd, uint64_t offset) {
    struct ciovec v[] = {{"abcd", 4}, {"", 0}, {"efgh", 4}, {"ijkl", 4}};
    return fd_pwrite(fd, v, 4, offset, &moved);
}

/* A host may take only the first of several buffers. */
static void takes(fd_t fd, uint64_t offset, size_u32 most) {
    char got[MOST];
    OK(put(fd, offset));
    IS(moved <= most && moved >= (most < 4 ? most : 4));
    EQ(moved, most);
    EQ(pread_all(fd, got, MOST, offset), most);
    IS(same(got, "abcdefghijkl", most));
    EQ(stat_of_fd(fd).size, offset + most);
}

static void test(void) {
    fd_t fd = create("f");
    takes(fd, 0, 12);
    takes(fd, 8, 12);
    OK(fd_filestat_set_size(fd, 0));
    for (uint64_t offset = 9; offset < MOST; offset++) {
        takes(fd, offset, (size_u32)(MOST - offset));
        OK(fd_filestat_set_size(fd, 0));
    }
    FAILS(EFBIG, put(fd, MOST));
    EQ(stat_of("f").size, 0);
}
