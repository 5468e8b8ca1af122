/* A cookie that no entry gave out, past the end: nothing is listed, or the host says that it is INVAL. */
#include "readdir.h"

static void test(void) {
    static const uint64_t cookies[] = {3, 99, 0x7fffffff, 0xffffffff, (uint64_t)1 << 32, INT64_MAX, ~(uint64_t)0};
    fd_t dir;
    make_dir("d");
    dir = open_dir("d");
    for (int i = 0; i < 7; i++) {
        size_u32 used = 77;
        int error = fd_readdir(dir, listing, sizeof listing, cookies[i], &used);
        EITHER(SUCCESS, EINVAL, error);
        if (!error) EQ(used, 0);
    }
}
