/* A tree is made and removed as programs do it: down through descriptors of directories, a level each. */
#include "readdir.h"

enum { DEPTH = 24, WIDTH = 3 };

static int made, removed;

static void grow(fd_t dir, int depth) {
    fd_t below = NO_FD;
    for (int i = 0; i < WIDTH; i++) {
        char name[] = "file0";
        name[4] = (char)('0' + i);
        fd_t fd = NO_FD;
        OK(path_open(dir, 0, NAMED(name), O_CREAT | O_EXCL, RW, grantable, 0, &fd));
        write_all(fd, name, 5);
        OK(fd_close(fd));
        made++;
    }
    OK(path_symlink(NAME("file0"), dir, NAME("link")));
    made++;
    if (!depth) return;
    OK(path_create_directory(dir, NAME("below")));
    made++;
    OK(path_open(dir, 0, NAME("below"), O_DIRECTORY, RO, grantable, 0, &below));
    grow(below, depth - 1);
    OK(fd_close(below));
}

/* Empties a directory: what is listed goes, again and again, until nothing is. */
static void clear(fd_t dir) {
    struct entry e;
    uint64_t left = 1;
    for (int rounds = 0; left && rounds < 20; rounds++) {
        struct entry all_here[8];
        size_u32 used = 0, at = 0, step;
        left = 0;
        OK(fd_readdir(dir, listing, 220, 0, &used));
        while ((step = entry_at(&e, at, used))) {
            at += step;
            if (!is_named(&e, ".") && !is_named(&e, "..")) all_here[left++] = e;
        }
        IS(left || used < 220);
        for (uint64_t i = 0; i < left; i++, removed++) {
            if (all_here[i].type != DIRECTORY) {
                OK(path_unlink_file(dir, all_here[i].name, all_here[i].namelen));
                continue;
            }
            fd_t below = NO_FD;
            OK(path_open(dir, 0, all_here[i].name, all_here[i].namelen, O_DIRECTORY, RO, grantable, 0, &below));
            FAILS(ENOTEMPTY, path_remove_directory(dir, all_here[i].name, all_here[i].namelen));
            clear(below);
            OK(fd_close(below));
            OK(path_remove_directory(dir, all_here[i].name, all_here[i].namelen));
        }
    }
    EQ(left, 0);
}

static void test(void) {
    grow(ROOT, DEPTH);
    EQ(made, (DEPTH + 1) * (WIDTH + 2) - 1);
    clear(ROOT);
    EQ(removed, made);
    int total;
    count_of(ROOT, ".", 220, &total);
    EQ(total, 2);
}
