/* Entries are removed as they are listed, and the walk goes on from the last one's cookie: all that are still there when their
 * turn comes are listed, once, and in the end none is left. */
#include "readdir.h"

enum { N = 60 };

static void test(void) {
    struct entry e;
    uint64_t cookie = 0;
    int removed = 0, total;
    make_dir("d");
    for (int i = 0; i < N; i++) {
        char path[] = "d/f00";
        path[3] = (char)('0' + i / 10), path[4] = (char)('0' + i % 10);
        make_file(path, "");
    }
    fd_t dir = open_dir("d");
    while (entry_after(dir, cookie, 300, &e)) {
        cookie = e.next;
        if (is_named(&e, ".") || is_named(&e, "..")) continue;
        OK(path_unlink_file(dir, e.name, e.namelen));
        IS(++removed <= N);
    }
    EQ(removed, N);
    count_of(dir, ".", 300, &total);
    EQ(total, 2);
    OK(path_remove_directory(ROOT, NAME("d")));
}
