/* A file with big holes on a file system of ten blocks of 64 KiB: what is stored counts, holes don't, and what goes is free. */
#include "../preview1/check.h"

#define MIB ((uint64_t)1 << 20)
enum { BLOCK = 1 << 16 };
static char data[BLOCK * 2];
static size_u32 moved;

static int put(fd_t fd, size_u32 size, uint64_t offset) {
    struct ciovec v = {data, size};
    return fd_pwrite(fd, &v, 1, offset, &moved);
}

static void test(void) {
    fd_t fd = create("f"), other = create("other");
    OK(put(fd, 1, 2 * MIB));
    OK(put(fd, 1, 3 * MIB));
    OK(put(fd, BLOCK - 1, 3 * MIB + 1));
    EQ(moved, BLOCK - 1);
    OK(fd_allocate(fd, 0, 4 * BLOCK));
    OK(fd_allocate(fd, BLOCK - 1, 2));
    EQ(stat_of("f").size, 3 * MIB + BLOCK);
    /* Four are left. */
    FAILS(ENOSPC, fd_allocate(fd, 4 * MIB, 4 * BLOCK + 1));
    FAILS(ENOSPC, fd_allocate(fd, 4 * MIB - 1, 4 * BLOCK));
    FAILS(ENOSPC, fd_allocate(fd, 4 * MIB, 1 << 30));
    EQ(stat_of("f").size, 3 * MIB + BLOCK);
    OK(fd_allocate(fd, 4 * MIB, 4 * BLOCK));
    EQ(stat_of("f").size, 4 * MIB + 4 * BLOCK);
    FAILS(ENOSPC, put(other, 1, 0));
    FAILS(ENOSPC, put(fd, 1, MIB));
    OK(put(fd, 2, 4 * MIB + 4 * BLOCK - 1));
    EQ(moved, 1);
    FAILS(ENOSPC, fd_allocate(other, 0, 1));
    FAILS(ENOSPC, path_symlink(NAME("f"), ROOT, NAME("link")));

    /* The block in which the file ends now stays, and those behind it are free. */
    OK(fd_filestat_set_size(fd, 3 * MIB + 1));
    OK(put(fd, 2 * BLOCK, MIB));
    EQ(moved, 2 * BLOCK);
    OK(put(other, BLOCK, 0));
    EQ(moved, BLOCK);
    OK(put(fd, 2 * BLOCK, MIB + 2 * BLOCK));
    EQ(moved, BLOCK);
    FAILS(ENOSPC, put(other, 1, BLOCK));
    EQ(stat_of("f").size, 3 * MIB + 1);
    EQ(stat_of("other").size, BLOCK);

    OK(fd_filestat_set_size(fd, 2 * MIB));
    OK(put(other, 2 * BLOCK, BLOCK));
    EQ(moved, 2 * BLOCK);
    FAILS(ENOSPC, put(other, 1, 3 * BLOCK));
    OK(fd_filestat_set_size(fd, 0));
    for (int i = 3; i < 10; i++) OK(put(other, BLOCK, (uint64_t)i * BLOCK));
    FAILS(ENOSPC, put(fd, 1, 0));
    FAILS(ENOSPC, put(fd, 1, 5 * MIB));
    EQ(stat_of("f").size, 0);

    /* A file without a name keeps what it has until it is closed. */
    OK(path_unlink_file(ROOT, NAME("other")));
    FAILS(ENOSPC, put(fd, 1, 0));
    OK(fd_close(other));
    OK(put(fd, 1, 5 * MIB));
    OK(path_unlink_file(ROOT, NAME("f")));
    OK(fd_close(fd));
    fd = create("again");
    for (int i = 0; i < 10; i++) OK(put(fd, BLOCK, (uint64_t)i * BLOCK));
    FAILS(ENOSPC, put(fd, 1, 10 * BLOCK));
}
