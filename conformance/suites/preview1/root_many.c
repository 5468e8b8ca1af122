/* Hundreds of files that the host put there, each opened and read, then changed: a host gives back what it borrows for each. */
#include "check.h"

enum { MANY = 240 };
static char name[8] = "f000";

static const char *of(int i) {
    name[1] = (char)('0' + i / 100), name[2] = (char)('0' + i / 10 % 10), name[3] = (char)('0' + i % 10);
    return name;
}

static void test(void) {
    char got[8];
    for (int i = 0; i < MANY; i++) {
        fd_t fd = open_with(of(i), 0, RO, 0);
        EQ(read_all(fd, got, 8), 3);
        IS(same(got, of(i) + 1, 3));
        OK(fd_close(fd));
    }
    for (int i = 0; i < MANY; i++) {
        fd_t fd = open_with(of(i), 0, RW, 0);
        if (i % 2) pwrite_all(fd, "changed", 7, 0);
        else OK(fd_filestat_set_size(fd, 1));
        OK(fd_close(fd));
    }
    for (int i = 0; i < MANY; i++) {
        EQ(stat_of(of(i)).size, i % 2 ? 7 : 1);
        fd_t fd = open_with(of(i), 0, RO, 0);
        EQ(read_all(fd, got, 8), i % 2 ? 7 : 1);
        OK(fd_close(fd));
        OK(path_unlink_file(ROOT, NAMED(of(i))));
    }
}
