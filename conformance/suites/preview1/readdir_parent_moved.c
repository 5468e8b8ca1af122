/* What is above a directory that is moved: its listing never goes on telling of the place where it was. A host that doesn't tell
 * may show the directory's own number. */
#include "readdir.h"

static uint64_t above(fd_t dir) {
    struct entry e;
    uint64_t cookie = 0;
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        cookie = e.next;
        if (is_named(&e, "..")) return e.ino;
    }
    IS(!"no entry for what is above");
    return 0;
}

static void test(void) {
    make_dir("one");
    make_dir("two");
    make_dir("one/d");
    fd_t dir = open_dir("one/d");
    uint64_t own = stat_of("one/d").ino, one = stat_of("one").ino, two = stat_of("two").ino, number = above(dir);
    IS(number == one || number == own);
    OK(path_rename(ROOT, NAME("one/d"), ROOT, NAME("two/e")));
    number = above(dir);
    IS(number == two || number == own);
    EQ(stat_of("two/e").ino, own);
    OK(path_rename(ROOT, NAME("two/e"), ROOT, NAME("one/d")));
    number = above(dir);
    IS(number == one || number == own);
}
