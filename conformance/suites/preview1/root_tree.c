/* Files that the host put there before the program began: they are read, listed, changed and removed like others. */
#include "readdir.h"

static void test(void) {
    int total;
    FILE_IS("file.txt", "a file\n");
    FILE_IS("dir/sub/deep.txt", "deep\n");
    FILE_IS("dir/empty", "");
    FILE_IS("dir/bytes.bin", "\xff\0\x80");
    EQ(stat_of("dir").type, DIRECTORY);
    EQ(stat_of("file.txt").size, 7);
    EQ(count_of(ROOT, "dir", 4096, &total), 1);
    EQ(total, 4);
    EQ(count_of(open_dir("dir"), "empty", 4096, &total), 1);
    EQ(total, 5);
    FAILS(ENOTEMPTY, path_remove_directory(ROOT, NAME("dir")));
    fd_t fd = open_rw("file.txt");
    write_all(fd, "A", 1);
    FILE_IS("file.txt", "A file\n");
    OK(path_unlink_file(ROOT, NAME("dir/sub/deep.txt")));
    OK(path_remove_directory(ROOT, NAME("dir/sub")));
    OK(path_rename(ROOT, NAME("dir/bytes.bin"), ROOT, NAME("bytes")));
    OK(path_unlink_file(ROOT, NAME("dir/empty")));
    OK(path_remove_directory(ROOT, NAME("dir")));
    EQ(count_of(ROOT, "bytes", 4096, &total), 1);
    EQ(total, 4);
}
