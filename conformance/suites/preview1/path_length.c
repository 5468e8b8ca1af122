/* Long paths: below PATH_MAX (4,096) all is well; above it NAMETOOLONG, or what a host that walks
 * by component finds. */
#include "path_table.h"

static char path[5000];

static size_u32 dots(size_u32 n, char last) {
    for (size_u32 i = 0; i < n; i++) path[i] = "./"[i % 2];
    path[n] = last;
    return n + 1;
}

static void test(void) {
    make_file("source", "s");
    make_file("f", "abc");
    OK(apply(STAT, path, dots(4094, 'f')));
    OK(apply(OPEN, path, dots(4094, 'f')));
    OK(apply(UTIME, path, dots(4094, 'f')));
    FAILS(EINVAL, apply(READLINK, path, dots(4094, 'f')));
    FAILS(EEXIST, apply(MKDIR, path, dots(4094, 'f')));
    size_u32 n = dots(4096, 'f');
    EITHER(ENAMETOOLONG, SUCCESS, apply(STAT, path, n));
    EITHER(ENAMETOOLONG, SUCCESS, apply(STAT_FOLLOW, path, n));
    EITHER(ENAMETOOLONG, SUCCESS, apply(OPEN, path, n));
    EITHER(ENAMETOOLONG, SUCCESS, apply(UTIME, path, n));
    EITHER(ENAMETOOLONG, SUCCESS, apply(UTIME_FOLLOW, path, n));
    EITHER(ENAMETOOLONG, EINVAL, apply(READLINK, path, n));
    EITHER(ENAMETOOLONG, EEXIST, apply(MKDIR, path, n));
    /* Too long, and missing besides. */
    for (n = 0; n < 4096; n++) path[n] = "x/"[n % 2];
    path[n++] = 'x';
    EVERY(ENAMETOOLONG, ENOENT, path, n, 0);
    FAILS(ENOENT, stat_errno("x"));
}
