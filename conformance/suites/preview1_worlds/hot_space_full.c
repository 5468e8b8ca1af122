/* A file system that fills up between many calls: what no longer fits is refused and changes nothing, what is there can be
 * written over, and what is cut off makes room again. Two files share 64 KiB; no file here has holes. */
#include "../preview1/hot.h"

enum { SPACE = 1 << 16 };

static uint64_t used(void) { return files[0].size + files[1].size; }

/* One write at the end of a file, or over what it has; as much moves as there is room for. */
static void fill(struct opened *o, size_u32 size) {
    struct file *file = o->file;
    uint64_t at = pick(2) ? file->size : pick((uint32_t)file->size + 1), new_bytes, moved;
    size_u32 n = 0;
    if (at + size > ROOM) size = (size_u32)(ROOM - at);
    for (size_u32 i = 0; i < size; i++) block[i] = (uint8_t)(i + at);
    new_bytes = at + size > file->size ? at + size - file->size : 0;
    moved = new_bytes > SPACE - used() ? size - (new_bytes - (SPACE - used())) : size;
    struct ciovec v = {block, size};
    int error = fd_pwrite(o->fd, &v, 1, at, &n);
    if (size && !moved) {
        FAILS(ENOSPC, error);
    } else {
        OK(error);
        EQ(n, moved);
        put(file, at, block, n);
    }
    hot_stat(o);
}

static void test(void) {
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    open_hot(&files[1], "g", O_CREAT, RW, 0);
    most = 2000; /* the mixture itself stays small: it makes holes */
    warm();
    for (int i = 0; i < 2; i++) {
        OK(fd_filestat_set_size(opens[i].fd, 0));
        files[i].size = 0;
    }
    for (int round = 0; round < 25; round++) {
        for (int i = 0; i < 60; i++) fill(&opens[pick(2)], 1 + pick(BLOCK));
        for (int i = 0; i < 60; i++) hot_read(&opens[pick(2)], pick(2));
        struct opened *o = &opens[pick(2)];
        resize(o->file, pick((uint32_t)o->file->size + 1));
        OK(fd_filestat_set_size(o->fd, o->file->size));
        if (round % 5 == 4) {
            settled("f", &files[0]);
            settled("g", &files[1]);
        }
    }
    /* Full to the last byte; then a file that has no name any more gives its room back when it is closed. */
    OK(fd_filestat_set_size(opens[0].fd, 0));
    OK(fd_filestat_set_size(opens[1].fd, 0));
    fd_t lost = create("lost");
    for (int at = 0; at < SPACE; at += BLOCK) pwrite_all(lost, block, BLOCK, (uint64_t)at);
    OK(path_unlink_file(ROOT, NAME("lost")));
    struct ciovec v = {block, 1};
    size_u32 n;
    for (int i = 0; i < 300; i++) FAILS(ENOSPC, fd_pwrite(opens[0].fd, &v, 1, 0, &n));
    OK(fd_close(lost));
    OK(fd_pwrite(opens[0].fd, &v, 1, 0, &n));
    EQ(n, 1);
}
