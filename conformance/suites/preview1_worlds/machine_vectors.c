/* What this machine promises and others needn't: a call takes all of its buffers, or as many as there are bytes for. */
#include "../preview1/check.h"

enum { EACH = 20000 };
static char data[4 * EACH], got[4 * EACH];
static size_u32 n;

static void test(void) {
    EQ(stat_of("dev/null").type, CHARACTER_DEVICE); /* it is this machine */
    fd_t fd = create("f");
    for (int i = 0; i < 4 * EACH; i++) data[i] = (char)(i * 7 + i / 256);
    struct ciovec out[] = {{data, 1}, {data + 1, 0}, {data + 1, EACH}, {data + 1 + EACH, 9}, {data + 10 + EACH, EACH}};
    struct iovec in[] = {{got, 3}, {got + 3, EACH}, {got, 0}, {got + 3 + EACH, 1}, {got + 4 + EACH, 2 * EACH}};
    size_u32 size = 10 + 2 * EACH;
    OK(fd_write(fd, out, 5, &n));
    EQ(n, size);
    EQ(tell(fd), size);
    OK(fd_pread(fd, in, 5, 0, &n));
    EQ(n, size);
    IS(same(got, data, size));
    IS(all(got + size, 0, sizeof got - size));
    EQ(seek(fd, 5, SEEK_SET), 5);
    OK(fd_read(fd, in, 5, &n));
    EQ(n, size - 5);
    IS(same(got, data + 5, size - 5));
    OK(fd_pwrite(fd, out, 5, 100, &n));
    EQ(n, size);
    OK(fd_pread(fd, in, 5, 100, &n));
    EQ(n, size);
    IS(same(got, data, size));
    EQ(stat_of("f").size, size + 100);

    /* Behind what is stored there are zeros as far as the file goes. */
    OK(fd_filestat_set_size(fd, size + 100 + 2 * EACH));
    memset(got, 1, sizeof got);
    OK(fd_pread(fd, in, 5, size + 99, &n));
    EQ(n, 4 + 3 * EACH < 1 + 2 * EACH ? 4 + 3 * EACH : 1 + 2 * EACH);
    EQ(got[0], data[size - 1]);
    IS(all(got + 1, 0, 2 * EACH));
    IS(all(got + 1 + 2 * EACH, 1, 100));
    OK(fd_pread(fd, in, 5, size + 90 + 2 * EACH, &n));
    EQ(n, 10);
    OK(fd_pread(fd, in, 5, size + 100 + 2 * EACH, &n));
    EQ(n, 0);

    /* The same of a file with a big hole in it: from the hole into what is stored behind it, and beyond the end. */
    enum { FAR = 3 << 20 };
    memset(got, 1, sizeof got);
    OK(fd_pwrite(fd, out, 5, FAR, &n));
    EQ(n, size);
    OK(fd_pread(fd, in, 5, FAR - 10, &n));
    EQ(n, size + 10);
    IS(all(got, 0, 10) && same(got + 10, data, size));
    OK(fd_pread(fd, in, 5, FAR + size - 7, &n));
    EQ(n, 7);
    IS(same(got, data + size - 7, 7));
    OK(fd_pread(fd, in, 5, FAR + size, &n));
    EQ(n, 0);
    OK(fd_pwrite(fd, out, 5, FAR - size, &n));
    EQ(n, size);
    OK(fd_pread(fd, in, 5, FAR - size, &n));
    EQ(n, 4 + 3 * EACH);
    IS(same(got, data, size) && same(got + size, data, 4 + 3 * EACH - size));

    /* As many buffers as there are, and one less, and so on. */
    for (size_u32 most = 1, sum = 3; most <= 4; sum += in[most++].size) {
        memset(got, 1, sizeof got);
        OK(fd_pread(fd, in, most, 100, &n));
        EQ(n, sum);
        IS(same(got, data, sum) && all(got + sum, 1, 10));
        memset(got, 1, sizeof got);
        EQ(seek(fd, 100, SEEK_SET), 100);
        OK(fd_read(fd, in, most, &n));
        EQ(n, sum);
        IS(same(got, data, sum) && all(got + sum, 1, 10));
    }
    for (size_u32 most = 1; most <= 3; most++) {
        OK(fd_pwrite(fd, out + 2, most, 50, &n));
        EQ(n, EACH + (most > 1) * 9 + (most > 2) * EACH);
    }

    struct ciovec words[] = {{"one ", 4}, {"two ", 4}, {"", 0}, {"three\n", 6}};
    for (size_u32 most = 1; most <= 4; most++) {
        OK(fd_write(1, words + 4 - most, most, &n));
        EQ(n, most == 1 || most == 2 ? 6 : most == 3 ? 10 : 14);
    }
}
