/* Each mount is a file system with a number of its own, and the same names in them are different files. */
#include "../preview1/check.h"

enum { MOUNTS = 5 };

static void test(void) {
    struct filestat st[MOUNTS], file;
    for (fd_t i = 0; i < MOUNTS; i++) {
        fd_t fd = NO_FD;
        OK(fd_filestat_get(ROOT + i, &st[i]));
        EQ(st[i].type, DIRECTORY);
        for (fd_t j = 0; j < i; j++) IS(st[i].dev != st[j].dev);
        OK(path_open(ROOT + i, 0, NAME("f"), O_CREAT | O_EXCL, RW, grantable, 0, &fd));
        OK(fd_filestat_get(fd, &file));
        EQ(file.dev, st[i].dev);
        write_all(fd, "12345", i);
        OK(fd_close(fd));
    }
    for (fd_t i = 0; i < MOUNTS; i++) {
        OK(path_filestat_get(ROOT + i, 0, NAME("f"), &file));
        EQ(file.size, i);
        if (i) FAILS(EXDEV, path_rename(ROOT + i, NAME("f"), ROOT, NAME("g")));
        if (i) FAILS(EXDEV, path_link(ROOT, 0, NAME("f"), ROOT + i, NAME("g")));
    }
}
