/* Directories nested far deeper than a host keeps open at a time, entered one after the other: all stay where they are. */
#include "readdir.h"

enum { DEEP = 260 };
static char path[2 * DEEP + 8];

/* The path of the directory at a depth, with something behind it. */
static const char *deep(int depth, const char *rest) {
    char *at = path;
    for (int i = 0; i < depth; i++) *at++ = 'a', *at++ = '/';
    if (!*rest) at--;
    memcpy(at, rest, length_of(rest) + 1);
    return path;
}

static void test(void) {
    int total;
    uint64_t middle = 0;
    fd_t here = open_dir("."), kept = NO_FD;
    for (int i = 1; i <= DEEP; i++) {
        fd_t next = NO_FD;
        OK(path_create_directory(here, NAME("a")));
        OK(path_open(here, 0, NAME("a"), O_DIRECTORY, RO, grantable, 0, &next));
        if (i == DEEP / 2) kept = here, middle = stat_of_fd(next).ino;
        else OK(fd_close(here));
        here = next;
    }
    fd_t fd = NO_FD;
    OK(path_open(here, 0, NAME("f"), O_CREAT | O_EXCL, RW, grantable, 0, &fd));
    write_all(fd, "deep", 4);
    OK(fd_close(fd));
    EQ(stat_of(deep(DEEP, "f")).size, 4);
    EQ(stat_of(deep(DEEP / 2, "")).ino, middle);
    EQ(count_of(here, "f", 4096, &total), 1);
    EQ(total, 3);

    /* What is in the middle moves, and what is below it with it: those who are there don't notice. */
    OK(path_rename(kept, NAME("a"), ROOT, NAME("moved")));
    EQ(stat_of("moved").ino, middle);
    FAILS(ENOENT, stat_errno(deep(DEEP, "f")));
    OK(path_open(here, 0, NAME("g"), O_CREAT | O_EXCL, RW, grantable, 0, &fd));
    OK(fd_close(fd));
    EQ(count_of(here, "g", 4096, &total), 1);
    OK(path_create_directory(kept, NAME("a")));
    EQ(count_of(kept, "a", 4096, &total), 1);
    EQ(total, 3);
    OK(path_unlink_file(here, NAME("f")));
    OK(path_unlink_file(here, NAME("g")));
    EQ(count_of(here, "f", 4096, &total), 0);
    EQ(total, 2);
    OK(path_remove_directory(kept, NAME("a")));
    FAILS(ENOENT, path_remove_directory(ROOT, NAMED(deep(DEEP / 2, ""))));
    OK(path_rename(ROOT, NAME("moved"), kept, NAME("a")));
    for (int i = DEEP; i > 0; i--) {
        if (i > 1) FAILS(ENOTEMPTY, path_remove_directory(ROOT, NAME("a")));
        OK(path_remove_directory(ROOT, NAMED(deep(i, ""))));
    }
    EQ(count_of(ROOT, "a", 4096, &total), 0);
    EQ(total, 2);
    /* Nothing can be made in what has been removed. */
    FAILS(ENOENT, path_create_directory(here, NAME("a")));
    FAILS(ENOENT, path_create_directory(kept, NAME("a")));
}
