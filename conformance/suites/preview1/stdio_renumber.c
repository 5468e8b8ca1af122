/* fd_renumber and stdio: a file can take stdout's place, and stdout another number. */
#include "check.h"

static void test(void) {
    struct ciovec v = {"to stdout\n", 10};
    size_u32 n;
    fd_t fd = create("f"), place = create("g");
    OK(fd_renumber(1, place));
    write_all(place, v.data, v.size);
    FAILS(EBADF, fd_write(1, &v, 1, &n));
    FAILS(EBADF, fd_renumber(fd, 1));
    OK(fd_renumber(fd, 0));
    write_all(0, "to file", 7);
    FILE_IS("f", "to file");
    FILE_IS("g", "");
}
