/* What another program does to a file that an overlay shows: it stays one version while it is open, and the next opening sees
 * what the file is by then, but for times that were set through the overlay. Nothing done through it is the host's. */
#include "../preview1/check.h"

enum { HOST = 4, OVER = 5 };
#define SECOND ((uint64_t)1000000000)

static fd_t open_at(fd_t dir, const char *name, uint32_t oflags) {
    fd_t fd = NO_FD;
    OK(path_open(dir, 0, NAMED(name), oflags, RW, grantable, 0, &fd));
    return fd;
}

static void host_appends(const char *name, const char *text, uint64_t mtime) {
    fd_t fd = open_at(HOST, name, O_CREAT);
    seek(fd, 0, SEEK_END);
    write_all(fd, NAMED(text));
    OK(fd_filestat_set_times(fd, 0, mtime, MTIM));
    OK(fd_close(fd));
}

static int is(fd_t fd, const char *text) {
    char got[64];
    size_u32 n = pread_all(fd, got, sizeof got, 0);
    return n == length_of(text) && same(got, text, n) && stat_of_fd(fd).size == n;
}

static void test(void) {
    char first[4], rest[20];
    struct iovec buffers[2] = {{first, sizeof first}, {rest, sizeof rest}};
    size_u32 n = 0;
    struct filestat st;
    host_appends("f", "0123456789", 1000 * SECOND);
    host_appends("g", "one", 1000 * SECOND);

    fd_t fd = open_at(OVER, "f", 0);
    IS(is(fd, "0123456789"));
    EQ(stat_of_fd(fd).mtim, 1000 * SECOND);
    host_appends("f", "abc", 2000 * SECOND);
    IS(is(fd, "0123456789"));
    memset(rest, '.', sizeof rest);
    OK(fd_pread(fd, buffers, 2, 4, &n));
    EQ(n, 6);
    IS(same(first, "4567", 4) && same(rest, "89..", 4) && all(rest + 2, '.', sizeof rest - 2));
    EQ(stat_of_fd(fd).mtim, 1000 * SECOND);
    OK(fd_close(fd));

    fd = open_at(OVER, "f", 0);
    IS(is(fd, "0123456789abc"));
    EQ(stat_of_fd(fd).mtim, 2000 * SECOND);
    OK(path_filestat_get(OVER, 0, NAME("f"), &st));
    EQ(st.size, 13);
    EQ(st.mtim, 2000 * SECOND);
    OK(fd_close(fd));

    /* A time that was set through the overlay stays, whatever the host's file gets. */
    OK(path_filestat_set_times(OVER, 0, NAME("g"), 0, 500 * SECOND, MTIM));
    host_appends("g", "two", 3000 * SECOND);
    fd = open_at(OVER, "g", 0);
    IS(is(fd, "onetwo"));
    EQ(stat_of_fd(fd).mtim, 500 * SECOND);
    OK(fd_close(fd));

    /* From the first change on the bytes are the guest's own. */
    fd = open_at(OVER, "f", 0);
    pwrite_all(fd, "X", 1, 12);
    host_appends("f", "more", 4000 * SECOND);
    IS(is(fd, "0123456789abX"));
    OK(fd_close(fd));
    fd = open_at(OVER, "f", 0);
    IS(is(fd, "0123456789abX"));
    OK(fd_close(fd));
    fd = open_at(OVER, "g", O_TRUNC);
    IS(is(fd, ""));
    OK(fd_close(fd));
    fd = open_at(HOST, "f", 0);
    IS(is(fd, "0123456789abcmore"));
    OK(fd_close(fd));
    fd = open_at(HOST, "g", 0);
    IS(is(fd, "onetwo"));
    OK(fd_close(fd));
}
