/* fd_pwrite on a file in append mode: Linux appends, POSIX writes at the position. Either way the offset stays. */
#include "check.h"

static void test(void) {
    fd_t fd;
    make_file("f", "abc");
    fd = open_with("f", 0, RW, APPEND);
    seek(fd, 1, SEEK_SET);
    pwrite_all(fd, "X", 1, 0);
    EQ(tell(fd), 1);
    IS(file_is("f", NAME("abcX")) || file_is("f", NAME("Xbc")));
}
