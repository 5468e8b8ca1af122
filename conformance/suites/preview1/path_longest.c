/* A path may have 4,095 bytes, and not one more, as on every Linux: what the host's own limit is, a guest can rely on. */
#include "check.h"

enum { MOST = 4095 };
static char path[MOST + 2];

/* The file's path with so many bytes, by dots and slashes. */
static int of(size_u32 size) {
    struct filestat st;
    for (size_u32 i = 0; i < size; i++) path[i] = i % 2 ? '/' : '.';
    path[size - 1] = 'f';
    if (size % 2 == 0) path[size - 2] = '/', path[size - 3] = '/';
    return path_filestat_get(ROOT, 0, path, size, &st);
}

static void test(void) {
    make_file("f", "");
    OK(of(3));
    OK(of(4));
    OK(of(MOST - 1));
    OK(of(MOST));
    FAILS(ENAMETOOLONG, of(MOST + 1));
}
