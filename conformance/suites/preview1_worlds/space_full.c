/* A file system without room: writes take what fits and then say NOSPC; nothing that fails changes anything. */
#include "../preview1/check.h"

static uint8_t block[32768];
static size_u32 moved;

static int write_block(fd_t fd, size_u32 size) {
    struct ciovec v = {block, size};
    return fd_write(fd, &v, 1, &moved);
}

static int pwrite_block(fd_t fd, size_u32 size, uint64_t offset) {
    struct ciovec v = {block, size};
    return fd_pwrite(fd, &v, 1, offset, &moved);
}

/* 64 KiB is all there is. */
static void test(void) {
    fd_t fd = create("f");
    OK(write_block(fd, sizeof block));
    EQ(moved, sizeof block);
    OK(pwrite_block(fd, sizeof block, 40000));
    EQ(moved, 65536 - 40000);
    EQ(stat_of("f").size, 65536);
    FAILS(ENOSPC, pwrite_block(fd, 1, 65536));
    fd_t end = open_with("f", 0, RW, APPEND);
    FAILS(ENOSPC, write_block(end, 1));
    EQ(stat_of("f").size, 65536);
    /* What is stored can be written over. */
    EQ(seek(fd, 0, SEEK_SET), 0);
    OK(write_block(fd, 1));

    fd_t other = create("g");
    FAILS(ENOSPC, write_block(other, 1));
    FAILS(ENOSPC, fd_allocate(other, 0, 1));
    EQ(stat_of("g").size, 0);
    /* A hole takes no room, until it is written to. */
    OK(fd_filestat_set_size(other, 100000));
    FAILS(ENOSPC, pwrite_block(other, 1, 50000));
    EQ(stat_of("g").size, 100000);

    /* Half of it comes free: the next write stops in the middle. */
    OK(fd_filestat_set_size(fd, 40000));
    OK(fd_filestat_set_size(other, 0));
    OK(write_block(other, sizeof block));
    EQ(moved, 65536 - 40000);
    FAILS(ENOSPC, write_block(other, 1));
    OK(fd_close(fd));
    OK(fd_close(end));
    OK(path_unlink_file(ROOT, NAME("f")));
    OK(fd_allocate(other, 0, 65536));
    FAILS(ENOSPC, fd_allocate(other, 0, 65537));
    EQ(stat_of("g").size, 65536);
}
