/* What this machine promises and others needn't: ctim is when a file, or what is known of it, was changed. */
#include "../preview1/poll.h"

#define COARSE (100 * MS)
static uint64_t before;

#define IS_NOW(time) IS(time + COARSE >= before && time <= now(REALTIME) + COARSE)

/* Time in which the program waits is no time of its processor's. */
static void sleep_costs_nothing(void) {
    uint64_t start = now(PROCESS_CPUTIME), thread = now(THREAD_CPUTIME), wall = now(MONOTONIC);
    subs[0] = on_clock(1, MONOTONIC, 3000 * MS, 0);
    EQ(poll(1), 1);
    IS(now(MONOTONIC) - wall >= 3000 * MS);
    IS(now(PROCESS_CPUTIME) - start < 1000 * MS);
    IS(now(THREAD_CPUTIME) - thread < 1000 * MS);
}

static void test(void) {
    sleep_costs_nothing();
    EQ(stat_of("dev/null").type, CHARACTER_DEVICE); /* it is this machine */
    before = now(REALTIME);
    fd_t fd = create("f");
    struct filestat st = stat_of("f");
    IS_NOW(st.mtim);
    IS_NOW(st.ctim);
    subs[0] = on_clock(1, MONOTONIC, 250 * MS, 0);
    EQ(poll(1), 1);
    before = now(REALTIME);
    write_all(fd, "x", 1);
    IS_NOW(stat_of("f").mtim);
    IS_NOW(stat_of("f").ctim);
    make_file("later", "");
    IS_NOW(stat_of("later").mtim);
    IS_NOW(stat_of("later").ctim);
    make_dir("d");
    IS_NOW(stat_of("d").mtim);
    make_link("f", "l");
    IS_NOW(stat_of("l").mtim);
    OK(fd_filestat_set_times(fd, 5, 7, ATIM | MTIM));
    EQ(stat_of("f").atim, 5);
    EQ(stat_of("f").mtim, 7);
    IS_NOW(stat_of("f").ctim);

    /* Each change of a file's attributes moves ctim, and not more than that. */
    subs[0] = on_clock(1, MONOTONIC, 250 * MS, 0);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("g")));
    IS_NOW(stat_of("f").ctim);
    EQ(stat_of("f").mtim, 7);
    OK(path_filestat_set_times(ROOT, 0, NAME("later"), 0, 0, ATIM_NOW | MTIM_NOW));
    IS_NOW(stat_of("later").atim);
    IS_NOW(stat_of("later").mtim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(path_unlink_file(ROOT, NAME("g")));
    IS_NOW(stat_of("f").ctim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("d/f")));
    IS_NOW(stat_of("d/f").ctim);
    IS_NOW(stat_of("d").mtim);
    IS_NOW(stat_of("d").ctim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    int error = fd_allocate(fd, 0, 100000);
    if (error) FAILS(ENOTSUP, error);
    else IS_NOW(stat_of_fd(fd).ctim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(fd_filestat_set_size(fd, 3));
    IS_NOW(stat_of_fd(fd).mtim);
    IS_NOW(stat_of_fd(fd).ctim);
    OK(fd_filestat_set_times(fd, 9, 0, ATIM));
    IS_NOW(stat_of_fd(fd).mtim);
    EQ(stat_of_fd(fd).atim, 9);

    /* The first read behind a change is noted, and those after it aren't. */
    fd_t reading = open_with("later", 0, RW, 0);
    write_all(reading, "text", 4);
    char byte;
    uint64_t mtim = stat_of("later").mtim;
    EQ(poll(1), 1);
    before = now(REALTIME);
    EQ(pread_all(reading, &byte, 1, 0), 1);
    uint64_t atim = stat_of("later").atim;
    IS_NOW(atim);
    EQ(stat_of("later").mtim, mtim);
    EQ(poll(1), 1);
    EQ(pread_all(reading, &byte, 1, 0), 1);
    EQ(stat_of("later").atim, atim);
    write_all(reading, "more", 4);
    EQ(stat_of("later").atim, atim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    EQ(pread_all(reading, &byte, 1, 0), 1);
    IS_NOW(stat_of("later").atim);
    /* So is the first read of a file that nobody has ever written to. */
    make_file("empty", "");
    EQ(poll(1), 1);
    before = now(REALTIME);
    EQ(pread_all(open_rw("empty"), &byte, 1, 0), 0);
    IS_NOW(stat_of("empty").atim);
    /* A directory's likewise, when it is listed. */
    uint8_t listing[256];
    size_u32 used;
    fd_t directory = open_dir("d");
    atim = stat_of("d").atim;
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(fd_readdir(directory, listing, sizeof listing, 0, &used));
    IS(stat_of("d").atim > atim);
    IS_NOW(stat_of("d").atim);
    atim = stat_of("d").atim;
    EQ(poll(1), 1);
    OK(fd_readdir(directory, listing, sizeof listing, 0, &used));
    EQ(stat_of("d").atim, atim);
}
