/* A vector of 2,000 one-byte buffers: more than the 1,024 of IOV_MAX. A host takes some of them, or says INVAL. */
#include "check.h"

enum { N = 2000 };
static struct ciovec v[N];
static char data[N];

static void test(void) {
    fd_t fd = create("f");
    size_u32 n = 0;
    for (int i = 0; i < N; i++) data[i] = (char)('a' + i % 26), v[i].data = data + i, v[i].size = 1;
    int error = fd_write(fd, v, N, &n);
    EITHER(SUCCESS, EINVAL, error);
    if (!error) {
        IS(n >= 1 && n <= N);
        EQ(tell(fd), n);
        IS(file_is("f", data, n));
    } else {
        EQ(stat_of("f").size, 0);
    }
}
