/* Reading stdin a few bytes at a time between many calls on files: all of it comes, once, in order, and then its end. */
#include "../preview1/hot.h"

static void test(void) {
    static uint8_t text[2000];
    size_u32 have = 0;
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    warm();
    while (have < sizeof text) {
        size_u32 size = 1 + pick(5), n = 0;
        struct iovec v = {text + have, size};
        OK(fd_read(0, &v, 1, &n));
        IS(n <= size);
        if (!n) break;
        have += n;
        hot(8);
    }
    EQ(have, 1024);
    for (size_u32 i = 0; i < have; i++) EQ(text[i], "0123456789abcdef"[i / 16 % 16 == 15 ? i % 16 : (i + i / 16) % 16]);
    for (int i = 0; i < 300; i++) EQ(read_all(0, text, 1), 0);
    settled("f", &files[0]);
}
