/* What moves with fd_renumber: offset, flags and what may be done; what doesn't: anything of the descriptor that was there,
 * be it a directory that was preopened. */
#include "check.h"

static void test(void) {
    char byte;
    struct iovec in = {&byte, 1};
    struct ciovec out = {"!", 1};
    struct fdstat fs;
    struct prestat pre;
    struct filestat st;
    size_u32 n;
    make_file("f", "abc");
    make_file("g", "xyz");
    fd_t end = open_with("f", 0, RW, APPEND), plain = open_rw("g"), reader = open_with("f", 0, RO, 0);
    OK(fd_renumber(end, plain));
    OK(fd_fdstat_get(plain, &fs));
    EQ(fs.flags & APPEND, APPEND);
    write_all(plain, "d", 1);
    FILE_IS("f", "abcd");

    /* A descriptor that only reads takes the place of one that writes: now it doesn't. */
    seek(reader, 2, SEEK_SET);
    OK(fd_renumber(reader, plain));
    EITHER(EBADF, ENOTCAPABLE, fd_write(plain, &out, 1, &n));
    OK(fd_read(plain, &in, 1, &n));
    EQ(byte, 'c');
    OK(fd_fdstat_get(plain, &fs));
    EQ(fs.flags & APPEND, 0);

    /* Two of one file: closing the one by moving the other leaves the file alone. */
    fd_t other = open_rw("f"), third = open_rw("f");
    seek(third, 1, SEEK_SET);
    OK(fd_renumber(third, other));
    EQ(tell(other), 1);
    EQ(stat_of("f").nlink, 1);

    /* Onto the preopened directory: there is none any more, and the number is a file's. */
    OK(fd_renumber(other, ROOT));
    FAILS(EBADF, fd_prestat_get(ROOT, &pre));
    EITHER(EBADF, ENOTDIR, path_filestat_get(ROOT, 0, NAME("f"), &st));
    EQ(tell(ROOT), 1);
    OK(fd_read(ROOT, &in, 1, &n));
    EQ(byte, 'b');
}
