/* Buffers that hold no whole entry: the host fills them to the last byte, and asking again with more goes on. */
#include "readdir.h"

static uint8_t whole[512];

static void test(void) {
    size_u32 used, full;
    int total;
    fd_t dir;
    make_dir("d");
    make_file("d/a", "");
    make_file("d/bb", "");
    make_file("d/a_longer_name_than_the_others", "");
    dir = open_dir("d");
    OK(fd_readdir(dir, whole, sizeof whole, 0, &full));
    IS(full < sizeof whole);
    for (size_u32 size = 0; size <= full + 1; size++) {
        memset(listing, '#', sizeof whole);
        OK(fd_readdir(dir, listing, size, 0, &used));
        EQ(used, size < full ? size : full);
        IS(same(listing, whole, used));
        IS(all(listing + used, '#', sizeof whole - used));
    }
    /* 24 + 30 bytes hold the longest entry: the walk arrives, one entry or so at a time. */
    for (size_u32 size = 54; size < 90; size++) {
        EQ(count_of(dir, "a_longer_name_than_the_others", size, &total), 1);
        EQ(total, 5);
    }
}
