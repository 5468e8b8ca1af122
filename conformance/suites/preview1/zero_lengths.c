/* Nothing, where something can be had: each call with a buffer is given one of no bytes, answers, and changes nothing. */
#include "poll.h"

static void test(void) {
    uint8_t byte = 0xee;
    struct iovec in = {&byte, 0};
    struct ciovec out = {&byte, 0};
    size_u32 n;
    make_file("f", "text");
    make_link("f", "l");
    fd_t fd = open_rw("f");
    seek(fd, 2, SEEK_SET);
#define NOTHING(call) (n = 77, OK(call), EQ(n, 0), EQ(byte, 0xee), EQ(tell(fd), 2))
    NOTHING(fd_read(fd, &in, 1, &n));
    NOTHING(fd_read(fd, &in, 0, &n));
    NOTHING(fd_pread(fd, &in, 1, 0, &n));
    NOTHING(fd_pread(fd, &in, 1, 100, &n));
    NOTHING(fd_write(fd, &out, 1, &n));
    NOTHING(fd_write(fd, &out, 0, &n));
    NOTHING(fd_pwrite(fd, &out, 1, 100, &n));
    NOTHING(fd_pwrite(fd, &out, 0, 100, &n));
    NOTHING(fd_write(1, &out, 1, &n));
    NOTHING(fd_write(2, &out, 0, &n));
    NOTHING(path_readlink(ROOT, NAME("l"), (char *)&byte, 0, &n));
    NOTHING(fd_readdir(ROOT, &byte, 0, 0, &n));
    OK(random_get(&byte, 0));
    EQ(byte, 0xee);
    OK(fd_advise(fd, 0, 0, NORMAL));
    OK(fd_advise(fd, 1000, 0, NORMAL));
    FILE_IS("f", "text");
    EQ(stat_of("f").size, 4);
    /* Where nothing can't be meant. */
    FAILS(ENOENT, path_create_directory(ROOT, "d", 0));
    FAILS(ENOENT, path_symlink(NAME("f"), ROOT, "s", 0));
    FAILS(EINVAL, poll_oneoff(subs, events, 0, &n));
}
