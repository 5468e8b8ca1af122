/* Attributes of files that the host put there are right before anybody has opened them, and after. */
#include "check.h"

static uint64_t numbers[8];

static void is(int place, const char *path, uint8_t type, uint64_t size) {
    struct filestat st = stat_of(path);
    EQ(st.type, type);
    if (type == REGULAR_FILE) {
        EQ(st.size, size);
        EQ(st.nlink, 1);
    }
    numbers[place] = st.ino;
    for (int i = 0; i < place; i++) IS(numbers[i] != st.ino);
}

static void test(void) {
    uint64_t links = stat_of("dir").nlink;
    is(0, "file.txt", REGULAR_FILE, 7);
    is(1, "dir", DIRECTORY, 0);
    is(2, "dir/bytes.bin", REGULAR_FILE, 3);
    is(3, "dir/empty", REGULAR_FILE, 0);
    is(4, "dir/sub", DIRECTORY, 0);
    is(5, "dir/sub/deep.txt", REGULAR_FILE, 5);
    EQ(stat_of("dir").nlink, links);
    EQ(stat_of("dir").dev, stat_of("file.txt").dev);

    /* Opened for reading it stays what it was; and what is written to it is seen by its name, and by another descriptor. */
    fd_t reading = open_with("file.txt", 0, RO, 0), writing = open_with("file.txt", 0, RW, 0);
    EQ(stat_of_fd(reading).ino, numbers[0]);
    EQ(stat_of_fd(reading).size, 7);
    pwrite_all(writing, "more than that", 14, 3);
    EQ(stat_of_fd(reading).size, 17);
    EQ(stat_of("file.txt").size, 17);
    EQ(stat_of("file.txt").ino, numbers[0]);
    FILE_IS("file.txt", "a fmore than that");
    char got[32];
    EQ(pread_all(reading, got, 32, 0), 17);
    OK(fd_close(writing));
    EQ(pread_all(reading, got, 32, 2), 15);
    IS(same(got, "fmore", 5));

    /* Cut without having been read, grown without having been read, and read beyond the end. */
    OK(open_errno("dir/bytes.bin", O_TRUNC, RW, 0));
    EQ(stat_of("dir/bytes.bin").size, 0);
    fd_t fd = open_rw("dir/sub/deep.txt");
    OK(fd_filestat_set_size(fd, 9));
    FILE_IS("dir/sub/deep.txt", "deep\n\0\0\0\0");
    OK(fd_filestat_set_size(fd, 2));
    FILE_IS("dir/sub/deep.txt", "de");
    EQ(pread_all(fd, got, 8, 5), 0);
    OK(fd_close(fd));
    FILE_IS("dir/empty", "");

    /* Times that are set stay, when the file is opened, read, and closed. */
    OK(path_filestat_set_times(ROOT, 0, NAME("dir/empty"), 1000, 2000, ATIM | MTIM));
    OK(path_filestat_set_times(ROOT, 0, NAME("dir/sub"), 1000, 3000, ATIM | MTIM));
    fd = open_with("dir/empty", 0, RO, 0);
    EQ(stat_of_fd(fd).mtim, 2000);
    EQ(pread_all(fd, got, 1, 0), 0);
    OK(fd_close(fd));
    fd = open_with("dir/empty", 0, RW, 0);
    EQ(stat_of("dir/empty").mtim, 2000);
    OK(fd_close(fd));
    EQ(stat_of("dir/empty").mtim, 2000);
    EQ(stat_of("dir/sub").mtim, 3000);
    open_dir("dir/sub");
    EQ(stat_of("dir/sub").mtim, 3000);
}
