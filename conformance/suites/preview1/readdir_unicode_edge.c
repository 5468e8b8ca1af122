/* A name of several-byte characters, cut at every byte by the buffer's end: the walk still gets it whole. */
#include "readdir.h"

static void test(void) {
    static const char name[] = "\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80\xc3\xa9";
    int total;
    size_u32 used;
    fd_t dir;
    make_dir("d");
    dir = open_dir("d");
    fd_t fd;
    OK(path_open(dir, 0, NAME(name), O_CREAT, RW, grantable, 0, &fd));
    for (size_u32 size = 24 + 12; size < 24 + 12 + 60; size++) {
        EQ(count_of(dir, name, size, &total), 1);
        EQ(total, 3);
    }
    for (size_u32 size = 0; size < 120; size++) {
        OK(fd_readdir(dir, listing, size, 0, &used));
        IS(used <= size);
    }
}
