/* What changes a file's times: writing and truncating move mtime, a directory's moves with its entries; reading
 * moves no mtime. Clocks may be coarse, so the times are set far back first. */
#include "check.h"

static void reset(const char *path) { OK(path_filestat_set_times(ROOT, 0, NAMED(path), 1, 1, ATIM | MTIM)); }

static void test(void) {
    char byte;
    fd_t fd = create("f");
    make_dir("d");
    write_all(fd, "abc", 3);
    reset("f");
    EQ(pread_all(fd, &byte, 1, 0), 1);
    EQ(stat_of("f").mtim, 1);
    write_all(fd, "d", 1);
    IS(stat_of("f").mtim > 1);
    reset("f");
    pwrite_all(fd, "e", 1, 0);
    IS(stat_of("f").mtim > 1);
    reset("f");
    OK(fd_filestat_set_size(fd, 1));
    IS(stat_of("f").mtim > 1);
    reset("f");
    OK(open_errno("f", O_TRUNC, RW, 0));
    IS(stat_of("f").mtim > 1);

    reset("d");
    make_file("d/f", "");
    IS(stat_of("d").mtim > 1);
    reset("d");
    OK(path_rename(ROOT, NAME("d/f"), ROOT, NAME("d/g")));
    IS(stat_of("d").mtim > 1);
    reset("d");
    OK(path_unlink_file(ROOT, NAME("d/g")));
    IS(stat_of("d").mtim > 1);
    reset("d");
    make_dir("d/e");
    IS(stat_of("d").mtim > 1);
    reset("d");
    OK(path_remove_directory(ROOT, NAME("d/e")));
    IS(stat_of("d").mtim > 1);
    /* ctime can't be set; it is never before what was observed. */
    uint64_t ctim = stat_of("f").ctim;
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 5, 5, ATIM | MTIM));
    IS(stat_of("f").ctim >= ctim);
}
