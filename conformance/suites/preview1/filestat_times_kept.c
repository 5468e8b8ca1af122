/* What leaves a file's mtime alone: another name for it, a new place, opening and closing it, syncing, advice, a write of
 * nothing, a size that it has already been asked for by reading. What is written through one name is new under all. */
#include "check.h"

#define PAST 987654321012345678u

static void test(void) {
    char byte;
    struct ciovec nothing = {"", 0};
    size_u32 n;
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    make_dir("d");
    OK(fd_filestat_set_times(fd, PAST, PAST, ATIM | MTIM));
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("g")));
    EQ(stat_of("g").mtim, PAST);
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("d/f")));
    EQ(stat_of("d/f").mtim, PAST);
    OK(path_unlink_file(ROOT, NAME("g")));
    EQ(stat_of_fd(fd).mtim, PAST);
    OK(open_errno("d/f", 0, RW, 0));
    OK(open_errno("d/f", O_CREAT, RW, APPEND));
    EQ(stat_of_fd(fd).mtim, PAST);
    OK(fd_sync(fd));
    OK(fd_datasync(fd));
    OK(fd_advise(fd, 0, 3, WILLNEED));
    OK(fd_write(fd, &nothing, 1, &n));
    OK(fd_fdstat_set_flags(fd, APPEND));
    seek(fd, 0, SEEK_SET);
    EQ(read_all(fd, &byte, 1), 1);
    EQ(stat_of_fd(fd).mtim, PAST);
    EQ(stat_of("d/f").mtim, PAST);
    /* A link's own times are its own. */
    make_link("d/f", "link");
    OK(path_filestat_set_times(ROOT, 0, NAME("link"), 5, 6, ATIM | MTIM));
    EQ(stat_of("d/f").mtim, PAST);
    EQ(stat_of("link").mtim, 6);

    OK(path_link(ROOT, 0, NAME("d/f"), ROOT, NAME("twin")));
    fd_t twin = open_rw("twin");
    write_all(twin, "d", 1);
    IS(stat_of("d/f").mtim > PAST);
    EQ(stat_of("d/f").mtim, stat_of("twin").mtim);
    EQ(stat_of("d/f").mtim, stat_of_fd(fd).mtim);
    EQ(stat_of("link").mtim, 6);
}
