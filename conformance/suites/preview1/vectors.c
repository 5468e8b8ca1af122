/* Vectors of several buffers, empty ones among them: short counts are legal, order and data are not negotiable. */
#include "check.h"

/* Writes a vector to its end, moving the buffers up by what each call took. */
static void write_vector(fd_t fd, struct ciovec *v, size_u32 n) {
    while (n) {
        size_u32 count = 0, left;
        OK(fd_write(fd, v, n, &count));
        left = count;
        while (n && left >= v->size) left -= v->size, v++, n--;
        if (!n) {
            EQ(left, 0);
            return;
        }
        IS(count > 0);
        v->data = (const char *)v->data + left, v->size -= left;
    }
}

static void test(void) {
    char a[4], b[3], c[8];
    fd_t fd = create("f");
    struct ciovec out[] = {{"", 0}, {"abc", 3}, {"", 0}, {"", 0}, {"defgh", 5}, {"i", 1}, {"", 0}};
    write_vector(fd, out, 7);
    EQ(tell(fd), 9);
    FILE_IS("f", "abcdefghi");

    /* Read into 0 + 4 + 0 + 3 + 8 bytes until the end; what arrives in each buffer follows from the count. */
    struct iovec in[] = {{c, 0}, {a, 4}, {c, 0}, {b, 3}, {c, 8}};
    char got[16];
    size_u32 total = 0, n;
    seek(fd, 0, SEEK_SET);
    do {
        memset(a, '#', sizeof a), memset(b, '#', sizeof b), memset(c, '#', sizeof c);
        OK(fd_read(fd, in, 5, &n));
        IS(total + n <= 9);
        for (size_u32 i = 0; i < n; i++) got[total + i] = i < 4 ? a[i] : i < 7 ? b[i - 4] : c[i - 7];
        /* Bytes past the count stay as they were. */
        for (size_u32 i = n; i < 15; i++) EQ(i < 4 ? a[i] : i < 7 ? b[i - 4] : c[i - 7], '#');
        total += n;
        EQ(tell(fd), total);
    } while (n);
    EQ(total, 9);
    IS(same(got, "abcdefghi", 9));

    /* The same, at a position. */
    memset(a, '#', sizeof a), memset(b, '#', sizeof b);
    OK(fd_pread(fd, in + 1, 3, 2, &n));
    IS(n >= 1 && n <= 7);
    for (size_u32 i = 0; i < n; i++) EQ(i < 4 ? a[i] : b[i - 4], "cdefghi"[i]);
    struct ciovec at[] = {{"", 0}, {"X", 1}, {"Y", 1}};
    OK(fd_pwrite(fd, at, 3, 1, &n));
    IS(n >= 1 && n <= 2);
    EQ(tell(fd), 9);
    if (n == 2) FILE_IS("f", "aXYdefghi");
    else FILE_IS("f", "aXcdefghi");
}
