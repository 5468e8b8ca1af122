/* Two descriptors of one directory are read by turns, in pieces of different sizes: each walk lists every entry once, also
 * when the directory is moved in the middle, and a third one, opened before there was anything, sees it all. */
#include "readdir.h"

enum { N = 40 };

struct walk { fd_t dir; uint64_t cookie; size_u32 size; uint8_t seen[N]; int others, done; };

static void go_on(struct walk *w) {
    struct entry e;
    size_u32 used = 0, at = 0, step;
    if (w->done) return;
    OK(fd_readdir(w->dir, listing, w->size, w->cookie, &used));
    while ((step = entry_at(&e, at, used))) {
        at += step, w->cookie = e.next;
        if (e.namelen == 3) IS(!w->seen[(e.name[1] - '0') * 10 + e.name[2] - '0']++);
        else w->others++;
    }
    w->done = used < w->size;
    IS(w->done || at);
}

static void test(void) {
    make_dir("d");
    fd_t early = open_dir("d");
    for (int i = 0; i < N; i++) {
        char path[] = "d/f00";
        path[3] = (char)('0' + i / 10), path[4] = (char)('0' + i % 10);
        make_file(path, "");
    }
    struct walk walks[3] = {{open_dir("d"), 0, 90, {0}, 0, 0}, {open_dir("d"), 0, 217, {0}, 0, 0}, {early, 0, 64, {0}, 0, 0}};
    for (int turn = 0; turn < 200; turn++) {
        for (int i = 0; i < 3; i++) go_on(&walks[i]);
        if (turn == 3) OK(path_rename(ROOT, NAME("d"), ROOT, NAME("moved")));
    }
    for (int i = 0; i < 3; i++) {
        IS(walks[i].done && walks[i].others == 2);
        IS(all(walks[i].seen, 1, N));
    }
}
