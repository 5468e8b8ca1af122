/* Every cookie leads to the entry after it, in any order, as often as wanted, from any descriptor of the directory. */
#include "readdir.h"

enum { N = 20 };
static struct entry entries[N + 3];

static void test(void) {
    struct entry e;
    uint64_t cookie = 0;
    char path[8] = "d/f00";
    int n = 0;
    fd_t dir;
    make_dir("d");
    for (int i = 0; i < N; i++) {
        path[3] = (char)('0' + i / 10), path[4] = (char)('0' + i % 10);
        make_file(path, "");
    }
    dir = open_dir("d");
    while (entry_after(dir, cookie, sizeof listing, &e)) {
        IS(n < N + 2);
        entries[n++] = e;
        cookie = e.next;
    }
    EQ(n, N + 2);
    for (int i = n - 1; i-- > 0;) {
        IS(entry_after(dir, entries[i].next, sizeof listing, &e));
        IS(is_named(&e, entries[i + 1].name));
        EQ(e.next, entries[i + 1].next);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) IS(entries[i].next != entries[j].next);
    for (int i = 0; i < 3; i++) IS(!entry_after(dir, entries[n - 1].next, sizeof listing, &e));
    /* From the start again: fd_readdir has no offset of its own. */
    IS(entry_after(dir, 0, sizeof listing, &e));
    IS(is_named(&e, entries[0].name));
    EQ(entries[0].next != 0, 1);
}
