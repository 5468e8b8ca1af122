/* Hundreds of directories, each visited again and again: a host that borrows something for each has to give it back. */
#include "readdir.h"

enum { MANY = 300 };
static char path[16] = "d000/f";

static const char *file_in(int i) {
    path[1] = (char)('0' + i / 100), path[2] = (char)('0' + i / 10 % 10), path[3] = (char)('0' + i % 10), path[4] = '/';
    return path;
}

static const char *directory(int i) {
    file_in(i), path[4] = 0;
    return path;
}

static void test(void) {
    int total;
    fd_t kept = NO_FD;
    for (int i = 0; i < MANY; i++) {
        make_dir(directory(i));
        make_file(file_in(i), i % 2 ? "odd" : "even");
        if (i == 7) kept = open_dir(directory(i));
    }
    for (int i = 0; i < MANY; i++) EQ(stat_of(file_in(i)).size, i % 2 ? 3 : 4);
    /* One that is open stays the same one, wherever it is moved meanwhile. */
    OK(path_rename(ROOT, NAMED(directory(7)), ROOT, NAME("d008/moved")));
    for (int i = MANY - 1; i > 8; i--) {
        fd_t fd = open_dir(directory(i));
        EQ(count_of(fd, "f", 4096, &total), 1);
        EQ(total, 3);
        OK(fd_close(fd));
    }
    EQ(stat_of("d008/moved").ino, stat_of_fd(kept).ino);
    EQ(count_of(kept, "f", 4096, &total), 1);
    OK(path_unlink_file(kept, NAME("f")));
    EQ(count_of(kept, "f", 4096, &total), 0);
    OK(path_remove_directory(ROOT, NAME("d008/moved")));
    for (int i = 0; i < MANY; i++) {
        if (i == 7) continue;
        OK(path_unlink_file(ROOT, NAMED(file_in(i))));
        OK(path_remove_directory(ROOT, NAMED(directory(i))));
    }
    EQ(count_of(ROOT, "d000", 4096, &total), 0);
    EQ(total, 2);
}
