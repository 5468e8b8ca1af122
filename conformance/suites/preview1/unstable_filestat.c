/* wasi_unstable's filestat has 56 bytes: the link count is 32 bits, right behind the type. */
#define WASI_UNSTABLE
#include "check.h"

static struct { struct filestat st; uint8_t behind[8]; } room;

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    OK(path_link(ROOT, 0, NAME("f"), ROOT, NAME("g")));
    OK(fd_filestat_set_times(fd, 123456789012345678, 987654321098765432, ATIM | MTIM));
    for (int i = 0; i < 2; i++) {
        memset(&room, 0xaa, sizeof room);
        if (i) OK(fd_filestat_get(fd, &room.st));
        else OK(path_filestat_get(ROOT, 0, NAME("g"), &room.st));
        EQ(room.st.type, REGULAR_FILE);
        EQ(room.st.nlink, 2);
        EQ(room.st.size, 3);
        EQ(room.st.atim, 123456789012345678);
        EQ(room.st.mtim, 987654321098765432);
        IS(all(room.behind, 0xaa, 8));
    }
    EQ(stat_of("f").ino, stat_of("g").ino);
    EQ(stat_of(".").type, DIRECTORY);
    FAILS(EBADF, fd_filestat_get(NO_FD, &room.st));
    FAILS(ENOENT, path_filestat_get(ROOT, 0, NAME("none"), &room.st));
}
