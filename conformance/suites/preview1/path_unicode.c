/* Names are bytes of UTF-8 and come back as they went in: no case folding, no normalisation, nothing reserved. */
#include "check.h"

static char buffer[4096];

static int listed(const char *name) {
    size_u32 n = length_of(name), used, at = 0;
    OK(fd_readdir(ROOT, buffer, sizeof buffer, 0, &used));
    IS(used < sizeof buffer);
    while (at < used) {
        struct dirent *d = (struct dirent *)(void *)(buffer + at);
        struct dirent entry;
        memcpy(&entry, d, sizeof entry);
        if (entry.namelen == n && same(buffer + at + sizeof entry, name, n)) return 1;
        at += sizeof entry + entry.namelen;
    }
    return 0;
}

static void test(void) {
    static const char *const names[] = {
        "\xc3\xa9", "e\xcc\x81", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "A", "a", "a b", " ",
        "a\\b", "a\nb", "a:b", "con", "-x", "*?", "...", ".hidden", "~", "a\x7f", "\x01"
    };
    enum { COUNT = sizeof names / sizeof *names };
    for (int i = 0; i < COUNT; i++) {
        FAILS(ENOENT, stat_errno(names[i]));
        make_file(names[i], names[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        IS(file_is(names[i], NAMED(names[i])));
        IS(listed(names[i]));
        EQ(stat_of(names[i]).nlink, 1);
    }
    for (int i = 0; i < COUNT; i++) OK(path_unlink_file(ROOT, NAMED(names[i])));
    IS(!listed("a"));
    /* A link's target is text as well, kept as it is. */
    size_u32 n;
    make_link("\xf0\x9f\x98\x80/\xc3\xa9", "l");
    OK(path_readlink(ROOT, NAME("l"), buffer, sizeof buffer, &n));
    EQ(n, 7);
    IS(same(buffer, "\xf0\x9f\x98\x80/\xc3\xa9", 7));
}
