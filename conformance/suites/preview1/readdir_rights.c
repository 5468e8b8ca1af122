/* Listing needs a directory, however it was opened; a file and stdio have no entries. */
#include "readdir.h"

static void test(void) {
    size_u32 used;
    int total;
    fd_t fd = create("f");
    make_dir("d");
    EQ(count_of(open_with("d", O_DIRECTORY, RO, 0), ".", 512, &total), 1);
    EQ(count_of(open_with("d", O_DIRECTORY, RIGHT_FD_READDIR, 0), ".", 512, &total), 1);
    EQ(count_of(open_with("d", 0, RO, 0), ".", 512, &total), 1);
    EITHER(EBADF, ENOTDIR, fd_readdir(fd, listing, 512, 0, &used));
    for (fd_t std = 0; std < 3; std++) EITHER(EBADF, ENOTDIR, fd_readdir(std, listing, 512, 0, &used));
    FAILS(EBADF, fd_readdir(NO_FD, listing, 512, 0, &used));
}
