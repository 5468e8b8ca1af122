/* Listings of a folder of the host's show what it holds now: one that begins again what others have changed, and one that goes on
 * what was changed through the same mount. */
#include "../preview1/readdir.h"

enum { HOST = 4, AGAIN = 5, N = 12 };

static fd_t open_at(fd_t dir, const char *name, uint32_t oflags) {
    fd_t fd = NO_FD;
    OK(path_open(dir, 0, NAMED(name), oflags, oflags & O_DIRECTORY ? RO : RW, grantable, 0, &fd));
    return fd;
}

static void test(void) {
    struct entry e;
    uint64_t cookie = 0;
    int total, old = 0, new = 0, others = 0;
    char last[2], name[2] = "a";
    OK(path_create_directory(HOST, NAME("d")));
    fd_t dir = open_at(HOST, "d", O_DIRECTORY), again = open_at(AGAIN, "d", O_DIRECTORY);
    EQ(count_of(again, "a", sizeof listing, &total), 0);
    EQ(total, 2);
    for (int i = 0; i < N; i++, name[0]++) OK(fd_close(open_at(dir, name, O_CREAT)));
    EQ(count_of(again, "a", sizeof listing, &total), 1);
    EQ(total, N + 2);
    OK(path_unlink_file(dir, NAME("a")));
    EQ(count_of(again, "a", sizeof listing, &total), 0);
    EQ(total, N + 1);

    /* Rename what comes last, when the first entries have been read. */
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        cookie = e.next;
        last[0] = e.name[0], last[1] = 0;
    }
    EQ(e.namelen, 1);
    cookie = 0;
    for (int i = 0; i < 4; i++) {
        IS(entry_after(dir, cookie, sizeof listing, &e));
        cookie = e.next;
        others += !is_named(&e, ".") && !is_named(&e, "..");
    }
    OK(path_rename(dir, last, 1, dir, NAME("new")));
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        cookie = e.next;
        old += is_named(&e, last), new += is_named(&e, "new");
        others += !is_named(&e, last) && !is_named(&e, "new");
    }
    EQ(old, 0);
    EQ(new, 1);
    EQ(others, N - 2);
}
