/* What this machine promises and others needn't: exactly 40 links are followed, and each device has one name. */
#include "../preview1/check.h"

static char at[4], before[4];

static const char *name(char *out, int i) {
    out[0] = 'l', out[1] = (char)('0' + i / 10), out[2] = (char)('0' + i % 10), out[3] = 0;
    return out;
}

static void test(void) {
    struct filestat st;
    make_file("l00", "abc");
    for (int i = 1; i <= 41; i++) make_link(name(before, i - 1), name(at, i));
    OK(path_filestat_get(ROOT, FOLLOW, NAME("l40"), &st));
    EQ(st.size, 3);
    FAILS(ELOOP, path_filestat_get(ROOT, FOLLOW, NAME("l41"), &st));
    EQ(stat_of("l40").nlink, 1);
    EQ(stat_of("l40").size, 3);
    EQ(stat_of("dev/null").nlink, 1);
    EQ(stat_of("dev/zero").size, 0);
    EQ(stat_of("dev").nlink, 2);
    EQ(stat_of("dev").dev, stat_of("l00").dev);
    FAILS(EEXIST, path_create_directory(ROOT, NAME("dev/null")));
}
