/* A thousand entries: a walk in pieces of 4,096 bytes meets each of them once. */
#include "readdir.h"

enum { N = 1000 };
static uint8_t seen[N];

static void test(void) {
    char path[] = "d/entry_000";
    uint64_t cookie = 0;
    int others = 0;
    fd_t dir;
    make_dir("d");
    for (int i = 0; i < N; i++) {
        path[8] = (char)('0' + i / 100), path[9] = (char)('0' + i / 10 % 10), path[10] = (char)('0' + i % 10);
        OK(open_errno(path, O_CREAT, RW, 0));
    }
    dir = open_dir("d");
    while (1) {
        struct entry e;
        size_u32 used, at = 0, step;
        OK(fd_readdir(dir, listing, 4096, cookie, &used));
        while ((step = entry_at(&e, at, used))) {
            at += step, cookie = e.next;
            if (e.namelen == 9 && same(e.name, "entry_", 6))
                seen[(e.name[6] - '0') * 100 + (e.name[7] - '0') * 10 + e.name[8] - '0']++;
            else
                others++;
        }
        if (used < 4096) break;
    }
    for (int i = 0; i < N; i++) EQ(seen[i], 1);
    EQ(others, 2);
}
