/* Each entry once, with the type and the inode number that path_filestat_get tells. */
#include "readdir.h"

static void test(void) {
    static const char *const names[] = {"file", "dir", "link", "\xc3\xa9t\xc3\xa9", "x"};
    struct entry e;
    struct filestat st;
    uint64_t cookie = 0;
    int seen[5] = {0}, others = 0;
    fd_t dir;
    make_dir("d");
    make_file("d/file", "abc");
    make_dir("d/dir");
    make_link("file", "d/link");
    make_file("d/\xc3\xa9t\xc3\xa9", "");
    make_file("d/x", "");
    dir = open_dir("d");
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        int known = 0;
        cookie = e.next;
        for (int i = 0; i < 5; i++)
            if (is_named(&e, names[i])) {
                seen[i]++, known = 1;
                OK(path_filestat_get(dir, 0, NAMED(names[i]), &st));
                EQ(e.type, st.type);
                EQ(e.ino, st.ino);
            }
        others += !known;
    }
    for (int i = 0; i < 5; i++) EQ(seen[i], 1);
    EQ(others, 2);
    /* The preopened directory, too. */
    int total;
    EQ(count_of(ROOT, "d", sizeof listing, &total), 1);
    EQ(total, 3);
}
