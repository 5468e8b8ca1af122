/* An empty directory lists `.` and `..`, both directories, and then nothing. */
#include "readdir.h"

static void test(void) {
    struct entry e;
    uint64_t cookie = 0;
    int dot = 0, dotdot = 0;
    fd_t dir;
    make_dir("d");
    dir = open_dir("d");
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        EQ(e.type, DIRECTORY);
        if (is_named(&e, ".")) {
            dot++;
            EQ(e.ino, stat_of("d").ino);
        } else {
            IS(is_named(&e, ".."));
            dotdot++;
        }
        IS(e.next != cookie);
        cookie = e.next;
    }
    EQ(dot, 1);
    EQ(dotdot, 1);
    IS(!entry_after(dir, cookie, sizeof listing, &e));
}
