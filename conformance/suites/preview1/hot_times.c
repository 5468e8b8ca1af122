/* Times between many calls: each write moves mtime, a read doesn't, a size that is set does, and what was set is told to
 * the nanosecond until the next write. Clocks may be coarse, so the times are set far back first. */
#include "hot.h"

static struct filestat set_back(struct opened *o, uint32_t round) {
    uint64_t atim = 1000000000ull * round + 123456789, mtim = 1000000000ull * round + 987654321;
    if (round % 2) OK(fd_filestat_set_times(o->fd, atim, mtim, ATIM | MTIM));
    else OK(path_filestat_set_times(ROOT, 0, NAME("f"), atim, mtim, ATIM | MTIM));
    struct filestat st = stat_of_fd(o->fd);
    EQ(st.atim, atim);
    EQ(st.mtim, mtim);
    return st;
}

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    for (uint32_t round = 1; round < 40; round++) {
        uint64_t past = set_back(o, round).mtim;
        for (int i = 0; i < 30; i++) {
            hot_read(o, i % 2);
            hot_seek(o);
        }
        EQ(stat_of_fd(o->fd).mtim, past);
        EQ(stat_of("f").mtim, past);
        pwrite_all(o->fd, "x", 1, 0);
        put(file, 0, (const uint8_t *)"x", 1);
        uint64_t now = stat_of_fd(o->fd).mtim;
        IS(now > past);
        EQ(stat_of("f").mtim, now);

        past = set_back(o, round).mtim;
        o->offset = seek(o->fd, 0, SEEK_SET);
        write_all(o->fd, "y", 1);
        put(file, 0, (const uint8_t *)"y", 1), o->offset = 1;
        IS(stat_of_fd(o->fd).mtim > past);

        past = set_back(o, round).mtim;
        OK(fd_filestat_set_size(o->fd, file->size + 1));
        resize(file, file->size + 1);
        IS(stat_of_fd(o->fd).mtim > past);

        /* Nothing is written: nothing has changed. */
        past = set_back(o, round).mtim;
        struct ciovec v = {"", 0};
        size_u32 n;
        OK(fd_write(o->fd, &v, 1, &n));
        OK(fd_pwrite(o->fd, &v, 1, file->size + 10, &n));
        EQ(stat_of_fd(o->fd).mtim, past);
        EQ(stat_of_fd(o->fd).size, file->size);
        hot(ROUND / 2);
    }
    settled("f", file);
}
