/* Append mode: each write goes to the end, whatever the offset; reads follow the offset; the flag can be set and
 * cleared on an open file. */
#include "check.h"

static void test(void) {
    char got[8];
    fd_t fd, other;
    make_file("f", "abc");
    fd = open_with("f", 0, RW, APPEND);
    other = open_rw("f");
    EQ(tell(fd), 0);
    write_all(fd, "de", 2);
    EQ(tell(fd), 5);

    seek(fd, 1, SEEK_SET);
    EQ(read_all(fd, got, 2), 2);
    IS(same(got, "bc", 2));
    write_all(fd, "f", 1);
    EQ(tell(fd), 6);

    /* Another descriptor's growth is seen: the end is where it is at the time of the write. */
    pwrite_all(other, "g", 1, 6);
    seek(fd, 0, SEEK_SET);
    write_all(fd, "h", 1);
    FILE_IS("f", "abcdefgh");

    OK(fd_fdstat_set_flags(fd, 0));
    seek(fd, 0, SEEK_SET);
    write_all(fd, "A", 1);
    FILE_IS("f", "Abcdefgh");
    OK(fd_fdstat_set_flags(other, APPEND));
    seek(other, 0, SEEK_SET);
    write_all(other, "i", 1);
    FILE_IS("f", "Abcdefghi");

    fd = open_with("f", O_TRUNC, RW, APPEND);
    write_all(fd, "new", 3);
    FILE_IS("f", "new");
}
