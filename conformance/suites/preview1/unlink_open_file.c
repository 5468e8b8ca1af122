/* A file that is unlinked while it is open lives on without a name until it is closed. */
#include "check.h"

static void test(void) {
    char got[8];
    struct filestat st;
    fd_t fd = create("f");
    uint64_t ino = stat_of("f").ino;
    write_all(fd, "abc", 3);
    OK(path_unlink_file(ROOT, NAME("f")));
    FAILS(ENOENT, stat_errno("f"));
    st = stat_of_fd(fd);
    EQ(st.nlink, 0);
    EQ(st.size, 3);
    EQ(st.ino, ino);
    write_all(fd, "def", 3);
    EQ(pread_all(fd, got, 8, 0), 6);
    IS(same(got, "abcdef", 6));
    OK(fd_filestat_set_size(fd, 2));
    EQ(stat_of_fd(fd).size, 2);

    /* The name is free for another file. */
    make_file("f", "other");
    IS(stat_of("f").ino != ino);
    EQ(pread_all(fd, got, 8, 0), 2);
    IS(same(got, "ab", 2));
    OK(fd_close(fd));
    FILE_IS("f", "other");
}
