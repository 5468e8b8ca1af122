/* fd_filestat_set_times and path_filestat_set_times: to the nanosecond, to now, one of the two, neither. */
#include "check.h"

#define A 123456789012345678u
#define B 987654321098765432u

static void are(const char *path, uint64_t atim, uint64_t mtim) {
    struct filestat st = stat_of(path);
    EQ(st.atim, atim);
    EQ(st.mtim, mtim);
}

static void test(void) {
    fd_t fd = create("f"), reader = open_with("f", 0, RO, 0);
    struct filestat st;
    OK(fd_filestat_set_times(fd, A, B, ATIM | MTIM));
    are("f", A, B);
    OK(fd_filestat_set_times(fd, 1, 2, ATIM));
    are("f", 1, B);
    OK(fd_filestat_set_times(fd, 1, 2, MTIM));
    are("f", 1, 2);
    OK(fd_filestat_set_times(fd, A, B, 0));
    are("f", 1, 2);
    OK(fd_filestat_set_times(fd, 0, 0, ATIM | MTIM));
    are("f", 0, 0);
    /* The owner may set times through a descriptor that can only read. */
    OK(fd_filestat_set_times(reader, A, 999999999, ATIM | MTIM));
    are("f", A, 999999999);

    OK(path_filestat_set_times(ROOT, 0, NAME("f"), B, A, ATIM | MTIM));
    are("f", B, A);
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 5, 6, MTIM));
    are("f", B, 6);
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 5, 6, 0));
    are("f", B, 6);

    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 5, 7, ATIM_NOW | MTIM));
    st = stat_of("f");
    IS(st.atim != B && st.atim != 5);
    EQ(st.mtim, 7);
    OK(fd_filestat_set_times(fd, 8, 7, ATIM | MTIM_NOW));
    st = stat_of("f");
    EQ(st.atim, 8);
    IS(st.mtim != 7);

    make_dir("d");
    OK(path_filestat_set_times(ROOT, 0, NAME("d"), A, B, ATIM | MTIM));
    are("d", A, B);
    OK(fd_filestat_set_times(open_dir("d"), B, A, ATIM | MTIM));
    are("d", B, A);
    OK(fd_filestat_set_times(ROOT, A, B, ATIM | MTIM));
    are(".", A, B);
}
