/* What is allocated is paid for once: it can be written on a full file system, and nothing else can; what is cut is free again. */
#include "../preview1/check.h"

enum { ROOM = 1000 };
static char data[ROOM];
static size_u32 moved;

static int put(fd_t fd, size_u32 size, uint64_t offset) {
    struct ciovec v = {data, size};
    return fd_pwrite(fd, &v, 1, offset, &moved);
}

static void test(void) {
    fd_t fd = create("f"), other = create("other");
    for (int round = 0; round < 3; round++) {
        OK(fd_allocate(fd, 100, ROOM - 200));
        EQ(stat_of("f").size, ROOM - 100);
        OK(fd_allocate(fd, 0, 50));
        EQ(stat_of("f").size, ROOM - 100);
        FAILS(ENOSPC, fd_allocate(fd, 0, ROOM + 1));
        OK(put(other, ROOM, 0));
        EQ(moved, 100);
        FAILS(ENOSPC, put(other, 1, 100));
        OK(put(fd, ROOM - 100, 0));
        EQ(moved, ROOM - 100);
        OK(put(fd, 10, 40));
        EQ(moved, 10);
        FAILS(ENOSPC, put(fd, 1, ROOM - 100));
        FAILS(ENOSPC, fd_allocate(fd, 0, ROOM - 99));
        /* A hole costs nothing until it is written to, and then from where the file was stored. */
        OK(fd_filestat_set_size(fd, ROOM - 200));
        OK(fd_filestat_set_size(fd, 5 * ROOM));
        EQ(stat_of("f").size, 5 * ROOM);
        OK(put(fd, 300, ROOM - 200));
        EQ(moved, 100);
        EQ(stat_of("f").size, 5 * ROOM);
        OK(fd_filestat_set_size(fd, 0));
        OK(fd_filestat_set_size(other, 0));
    }
    OK(put(fd, ROOM - 3, 0));
    OK(path_symlink(NAME("abc"), ROOT, NAME("l")));
    FAILS(ENOSPC, path_symlink(NAME("a"), ROOT, NAME("m")));
    FAILS(ENOSPC, put(fd, 1, ROOM - 3));
    OK(path_unlink_file(ROOT, NAME("l")));
    FAILS(ENOSPC, path_symlink(NAME("abcd"), ROOT, NAME("l")));
    OK(put(fd, 10, ROOM - 3));
    EQ(moved, 3);
    OK(path_unlink_file(ROOT, NAME("f")));
    FAILS(ENOSPC, put(other, 1, 0));
    OK(fd_close(fd));
    OK(put(other, ROOM, 0));
    EQ(moved, ROOM);
}
