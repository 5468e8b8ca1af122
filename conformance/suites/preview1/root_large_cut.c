/* A file of several pages that the host put there, cut before anybody has read it, then grown again; and one that is only grown. */
#include "check.h"

enum { PAGE = 1 << 16, SIZE = 2 * PAGE + 35 * 256 };
static uint8_t got[3 * PAGE];

static void test(void) {
    fd_t fd = open_with("pages.bin", 0, RW, APPEND);
    write_all(fd, "end", 3);
    EQ(stat_of("pages.bin").size, SIZE + 3);
    EQ(pread_all(fd, got, 8, SIZE - 1), 4);
    IS(same(got, "\0end", 4));
    OK(fd_filestat_set_size(fd, PAGE + 100));
    EQ(pread_all(fd, got, sizeof got, 0), PAGE + 100);
    for (size_u32 i = 0; i < PAGE; i++) IS(got[i] == (uint8_t)i);
    IS(all(got + PAGE, 0, 100));
    OK(fd_filestat_set_size(fd, 2 * PAGE + 100));
    EQ(pread_all(fd, got, sizeof got, 0), 2 * PAGE + 100);
    IS(all(got + PAGE, 0, PAGE + 100));
    OK(fd_filestat_set_size(fd, 10));
    EQ(pread_all(fd, got, sizeof got, 0), 10);
    /* One that ends with zeros keeps them, whatever is changed before. */
    fd_t tail = open_rw("tail.bin");
    pwrite_all(tail, "y", 1, 1);
    EQ(stat_of("tail.bin").size, PAGE + 4464);
    EQ(pread_all(tail, got, sizeof got, PAGE - 1), 4465);
    IS(got[0] == 'x' && all(got + 1, 0, 4464));
    EQ(pread_all(tail, got, 3, 0), 3);
    IS(same(got, "xyx", 3));
    EQ(pread_all(fd, got, sizeof got, 0), 10);
    IS(same(got, "\0\1\2\3\4\5\6\7\10\11", 10));
}
