/* Device and number say which file it is: by descriptor, path, link and twin the same, after a renaming and a truncation too,
 * and never that of another file while either is there. */
#include "check.h"

enum { N = 24 };

static void is_same(struct filestat a, struct filestat b) {
    EQ(a.dev, b.dev);
    EQ(a.ino, b.ino);
    EQ(a.type, b.type);
    EQ(a.size, b.size);
    EQ(a.nlink, b.nlink);
}

static void test(void) {
    struct filestat all_of[N], st;
    fd_t fds[N];
    char name[] = "f00";
    for (int i = 0; i < N; i++) {
        name[1] = (char)('0' + i / 10), name[2] = (char)('0' + i % 10);
        fds[i] = create(name);
        all_of[i] = stat_of_fd(fds[i]);
        is_same(all_of[i], stat_of(name));
        for (int j = 0; j < i; j++) IS(all_of[j].ino != all_of[i].ino);
        EQ(all_of[i].dev, all_of[0].dev);
        /* Half of them live on without a name: their numbers aren't given again. */
        if (i % 2) OK(path_unlink_file(ROOT, NAMED(name)));
    }
    for (int i = 0; i < N; i++) EQ(stat_of_fd(fds[i]).ino, all_of[i].ino);

    OK(path_link(ROOT, 0, NAME("f00"), ROOT, NAME("twin")));
    is_same(stat_of("twin"), stat_of_fd(fds[0]));
    make_link("twin", "link");
    OK(path_filestat_get(ROOT, FOLLOW, NAME("link"), &st));
    is_same(st, stat_of_fd(fds[0]));
    IS(stat_of("link").ino != st.ino);
    make_dir("d");
    OK(path_rename(ROOT, NAME("twin"), ROOT, NAME("d/other")));
    is_same(stat_of("d/other"), stat_of_fd(fds[0]));
    OK(open_errno("f00", O_TRUNC, RW, 0));
    is_same(stat_of("d/other"), stat_of_fd(fds[0]));
    EQ(stat_of("d/other").ino, all_of[0].ino);
    fd_t dir = open_dir("d");
    is_same(stat_of_fd(dir), stat_of("d"));
    is_same(stat_of("d/."), stat_of("d"));
    is_same(stat_of("d/.."), stat_of("."));
    is_same(stat_of_fd(ROOT), stat_of("."));
}
