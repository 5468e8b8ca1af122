/* Entries that come and go while a directory is read: those that stay the whole time are listed exactly once by a
 * walk that begins after the change; removed ones are never listed; nothing hangs or fails. */
#include "readdir.h"

enum { N = 30 };

static const char *name(int i) {
    static char text[] = "d/f00";
    text[3] = (char)('0' + i / 10), text[4] = (char)('0' + i % 10);
    return text;
}

static void test(void) {
    struct entry e;
    uint64_t cookie = 0;
    int total, rounds = 0;
    fd_t dir;
    make_dir("d");
    dir = open_dir("d");
    for (int i = 0; i < N; i++) make_file(name(i), "");
    for (int i = 0; i < N; i++) EQ(count_of(dir, name(i) + 2, sizeof listing, &total), 1);
    EQ(total, N + 2);

    /* The usual way to empty a directory: remove what was listed, start over, until nothing is left. */
    do {
        size_u32 used, at = 0, step;
        total = 0;
        OK(fd_readdir(dir, listing, 300, 0, &used));
        while ((step = entry_at(&e, at, used))) {
            at += step;
            if (is_named(&e, ".") || is_named(&e, "..")) continue;
            OK(path_unlink_file(dir, e.name, e.namelen));
            total++;
        }
        IS(++rounds <= N + 1);
    } while (total);
    EQ(count_of(dir, "f00", sizeof listing, &total), 0);
    EQ(total, 2);

    /* Remove and add between two reads of one walk. */
    for (int i = 0; i < N; i++) make_file(name(i), "");
    rounds = 0;
    while (entry_after(dir, cookie, 300, &e) && rounds < 500) {
        cookie = e.next;
        rounds++;
        if (rounds == 5) {
            for (int i = 0; i < N; i += 2) OK(path_unlink_file(ROOT, NAMED(name(i))));
            make_file("d/new", "");
        }
        if (rounds > 5 && e.namelen == 3 && e.name[0] == 'f') IS((e.name[2] - '0') % 2 == 1);
    }
    IS(rounds < 500);
    EQ(count_of(dir, "new", 300, &total), 1);
    EQ(total, N / 2 + 3);
    EQ(count_of(dir, "f00", 300, &total), 0);
    EQ(count_of(dir, "f01", 300, &total), 1);
}
