/* What this machine promises and others needn't: exactly 40 links are followed, each device has one name, and a
 * directory's links are its own two and one for each directory in it. */
#include "../preview1/check.h"

static char at[4], before[4];

static const char *name(char *out, int i) {
    out[0] = 'l', out[1] = (char)('0' + i / 10), out[2] = (char)('0' + i % 10), out[3] = 0;
    return out;
}

static void test(void) {
    struct filestat st;
    make_file("l00", "abc");
    for (int i = 1; i <= 41; i++) make_link(name(before, i - 1), name(at, i));
    OK(path_filestat_get(ROOT, FOLLOW, NAME("l40"), &st));
    EQ(st.size, 3);
    FAILS(ELOOP, path_filestat_get(ROOT, FOLLOW, NAME("l41"), &st));
    EQ(stat_of("l40").nlink, 1);
    EQ(stat_of("l40").size, 3);
    EQ(stat_of("dev/null").nlink, 1);
    EQ(stat_of("dev/zero").size, 0);
    EQ(stat_of("dev").nlink, 2);
    EQ(stat_of("dev").dev, stat_of("l00").dev);
    FAILS(EEXIST, path_create_directory(ROOT, NAME("dev/null")));

    static const char *devices[] = {"dev/random", "dev/urandom", "dev/full", "dev/stdin", "dev/stdout", "dev/stderr"};
    for (int i = 0; i < 4; i++) EQ(stat_of(devices[i]).type, i < 3 ? CHARACTER_DEVICE : UNKNOWN);
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[64] = {0};
        EQ(read_all(open_with(devices[i], 0, RO, 0), bytes, 64), 64);
        IS(!all(bytes, 0, 64));
    }

    make_dir("d");
    EQ(stat_of("d").nlink, 2);
    make_dir("d/a");
    make_dir("d/b");
    make_file("d/f", "");
    EQ(stat_of("d").nlink, 4);
    OK(path_rename(ROOT, NAME("d/a"), ROOT, NAME("d/c")));
    EQ(stat_of("d").nlink, 4);
    OK(path_rename(ROOT, NAME("d/c"), ROOT, NAME("d/b")));
    EQ(stat_of("d").nlink, 3);
    make_dir("e");
    OK(path_rename(ROOT, NAME("d/b"), ROOT, NAME("e/b")));
    EQ(stat_of("d").nlink, 2);
    EQ(stat_of("e").nlink, 3);
    make_dir("d/a");
    OK(path_rename(ROOT, NAME("d/a"), ROOT, NAME("e/b")));
    EQ(stat_of("d").nlink, 2);
    EQ(stat_of("e").nlink, 3);
    fd_t gone = open_dir("e/b");
    OK(path_remove_directory(ROOT, NAME("e/b")));
    EQ(stat_of("e").nlink, 2);
    EQ(stat_of_fd(gone).nlink, 0);
    fd_t file = open_rw("d/f");
    OK(path_link(ROOT, 0, NAME("d/f"), ROOT, NAME("e/f")));
    EQ(stat_of_fd(file).nlink, 2);
    OK(path_unlink_file(ROOT, NAME("d/f")));
    EQ(stat_of_fd(file).nlink, 1);
    make_file("e/g", "");
    OK(path_rename(ROOT, NAME("e/g"), ROOT, NAME("e/f")));
    EQ(stat_of_fd(file).nlink, 0);
}
