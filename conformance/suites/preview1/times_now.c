/* Files are stamped with the time that the clock shows, also after a while has gone by. A host may stamp with a coarse clock,
 * which a busy machine moves late: then all is done once more, with longer pauses. */
#include "poll.h"

#define LONGEST (4000 * MS)
static uint64_t before, pause = 250 * MS;

static int is_now(uint64_t time) {
    uint64_t coarse = pause / 5 * 2;
    return time + coarse >= before && time <= now(REALTIME) + coarse;
}

#define IS_NOW(time)                                   \
    do {                                               \
        if (!is_now(time)) {                           \
            IS(is_now(time) || pause < LONGEST);       \
            return 0;                                  \
        }                                              \
    } while (0)

static void begin_again(void) {
    path_unlink_file(ROOT, NAME("f"));
    path_unlink_file(ROOT, NAME("d/f"));
    path_unlink_file(ROOT, NAME("l"));
    path_unlink_file(ROOT, NAME("later"));
    path_remove_directory(ROOT, NAME("d"));
}

static int stamped(void) {
    before = now(REALTIME);
    fd_t fd = create("f");
    struct filestat st = stat_of("f");
    IS_NOW(st.mtim);
    subs[0] = on_clock(1, MONOTONIC, pause, 0);
    EQ(poll(1), 1);
    before = now(REALTIME);
    write_all(fd, "x", 1);
    IS_NOW(stat_of("f").mtim);
    make_file("later", "");
    IS_NOW(stat_of("later").mtim);
    make_dir("d");
    IS_NOW(stat_of("d").mtim);
    make_link("f", "l");
    IS_NOW(stat_of("l").mtim);
    OK(fd_filestat_set_times(fd, 5, 7, ATIM | MTIM));
    EQ(stat_of("f").atim, 5);
    EQ(stat_of("f").mtim, 7);

    before = now(REALTIME);
    OK(path_filestat_set_times(ROOT, 0, NAME("later"), 0, 0, ATIM_NOW | MTIM_NOW));
    IS_NOW(stat_of("later").atim);
    IS_NOW(stat_of("later").mtim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(path_rename(ROOT, NAME("f"), ROOT, NAME("d/f")));
    IS_NOW(stat_of("d").mtim);
    EQ(poll(1), 1);
    before = now(REALTIME);
    OK(fd_filestat_set_size(fd, 3));
    IS_NOW(stat_of_fd(fd).mtim);
    OK(fd_filestat_set_times(fd, 9, 0, ATIM));
    IS_NOW(stat_of_fd(fd).mtim);
    EQ(stat_of_fd(fd).atim, 9);
    return 1;
}

static void test(void) {
    for (; !stamped(); pause *= 4) begin_again();
}
