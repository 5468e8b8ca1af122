/* Stdout: bytes in the order written, by single writes, vectors and one that is bigger than any pipe's buffer. */
#include "check.h"

static char big[4000];

static void test(void) {
    size_u32 n;
    struct ciovec nothing[] = {{"", 0}, {"", 0}};
    write_all(1, "one\n", 4);
    OK(fd_write(1, nothing, 2, &n));
    EQ(n, 0);
    struct ciovec two[] = {{"tw", 2}, {"o\n", 2}};
    OK(fd_write(1, two, 2, &n));
    IS(n >= 1 && n <= 4);
    if (n < 2) write_all(1, "w", 1);
    if (n < 3) write_all(1, "o", 1);
    if (n < 4) write_all(1, "\n", 1);
    write_all(1, NAME("h\xc3\xa9 \xf0\x9f\x98\x80\n"));
    memset(big, 'x', sizeof big);
    for (int i = 0; i < 50; i++) write_all(1, big, sizeof big);
    write_all(1, "\nend without newline", 20);
}
