/* Chains of links: 40 are followed and 41 are LOOP, at the end of a path as in its middle. POSIX asks for 8. */
#include "check.h"

static char at[8], before[8];

static const char *name(char *out, char kind, int i) {
    out[0] = kind, out[1] = (char)('0' + i / 10), out[2] = (char)('0' + i % 10), out[3] = 0;
    return out;
}

static int follow(char kind, int i, const char *rest) {
    struct filestat st;
    char path[16];
    size_u32 n = length_of(name(path, kind, i));
    memcpy(path + n, rest, length_of(rest) + 1);
    return path_filestat_get(ROOT, FOLLOW, NAMED(path), &st);
}

static void test(void) {
    fd_t fd;
    make_dir("d00");
    make_file("f00", "abc");
    make_file("d00/f", "abc");
    for (int i = 1; i <= 60; i++) {
        make_link(name(before, 'f', i - 1), name(at, 'f', i));
        make_link(name(before, 'd', i - 1), name(at, 'd', i));
    }
    for (int i = 1; i <= 8; i++) {
        OK(follow('f', i, ""));
        OK(follow('d', i, "/f"));
    }
    /* Between POSIX's minimum and Linux's maximum a host may stop; past it wasmtime and Linux do. */
    EITHER(SUCCESS, ELOOP, follow('f', 40, ""));
    EITHER(SUCCESS, ELOOP, follow('d', 40, "/f"));
    FAILS(ELOOP, follow('f', 41, ""));
    FAILS(ELOOP, follow('d', 41, "/f"));
    FAILS(ELOOP, follow('f', 60, ""));
    FAILS(ELOOP, path_open(ROOT, FOLLOW, NAME("f60"), 0, RW, grantable, 0, &fd));
    FAILS(ELOOP, path_create_directory(ROOT, NAME("d60/new")));
    FAILS(ELOOP, path_unlink_file(ROOT, NAME("d60/f")));
    FAILS(ELOOP, path_filestat_set_times(ROOT, FOLLOW, NAME("f60"), 0, 0, ATIM));
    FILE_IS("d00/f", "abc");
}
