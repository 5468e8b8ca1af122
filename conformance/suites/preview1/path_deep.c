/* A hundred directories inside each other, reached by one path, by descriptors, and left again by `..`. */
#include "check.h"

enum { DEPTH = 100 };
static char down[DEPTH * 3 + 8], around[DEPTH * 6 + 16];

static void test(void) {
    struct filestat st;
    size_u32 n = 0;
    fd_t dir = ROOT, next;
    for (int i = 0; i < DEPTH; i++) {
        memcpy(down + n, "dd/", 3), n += 3;
        OK(path_create_directory(ROOT, down, n - 1));
    }
    memcpy(down + n, "f", 1);
    OK(path_symlink(NAME("t"), ROOT, down, n + 1));
    OK(path_filestat_get(ROOT, 0, down, n + 1, &st));
    EQ(st.type, SYMBOLIC_LINK);

    for (int i = 0; i < DEPTH; i++) {
        OK(path_open(dir, 0, NAME("dd"), O_DIRECTORY, RO, grantable, 0, &next));
        if (dir != ROOT) OK(fd_close(dir));
        dir = next;
    }
    OK(path_filestat_get(dir, 0, NAME("f"), &st));
    EQ(st.type, SYMBOLIC_LINK);

    memcpy(around, down, n);
    for (int i = 0; i < DEPTH; i++) memcpy(around + n + 3 * i, "../", 3);
    memcpy(around + 2 * n, "dd", 2);
    OK(path_filestat_get(ROOT, 0, around, 2 * n + 2, &st));
    EQ(st.type, DIRECTORY);
    memcpy(around + 2 * n, "../dd", 5);
    ESCAPES(path_filestat_get(ROOT, 0, around, 2 * n + 5, &st));
}
