/* A name of 255 bytes is the longest; 256 is NAMETOOLONG, for every function, at the end and in the middle. */
#include "path_table.h"

static char name[300];

static void test(void) {
    memset(name, 'x', sizeof name);
    make_file("source", "s");
    OK(path_create_directory(ROOT, name, 255));
    OK(apply(STAT, name, 255));
    OK(path_remove_directory(ROOT, name, 255));
    OK(apply(CREATE, name, 255));
    OK(path_unlink_file(ROOT, name, 255));
    OK(path_symlink(NAME("t"), ROOT, name, 255));
    OK(path_unlink_file(ROOT, name, 255));
    OK(path_link(ROOT, 0, NAME("source"), ROOT, name, 255));
    OK(path_unlink_file(ROOT, name, 255));
    OK(path_rename(ROOT, NAME("source"), ROOT, name, 255));
    OK(path_rename(ROOT, name, 255, ROOT, NAME("source")));
    FAILS(ENOENT, apply(STAT, name, 255));

    EVERY(ENAMETOOLONG, ENAMETOOLONG, name, 256, 0);
    EVERY(ENAMETOOLONG, ENAMETOOLONG, name, 300, 0);
    name[256] = '/', name[257] = 'f';
    EVERY(ENAMETOOLONG, ENAMETOOLONG, name, 258, 0);
    /* Bytes count, not characters: 127 of two bytes and one fit, 128 don't. */
    for (int i = 0; i < 256; i += 2) name[i] = '\xc3', name[i + 1] = '\xa9';
    FAILS(ENOENT, apply(STAT, name, 254));
    EVERY(ENAMETOOLONG, ENAMETOOLONG, name, 256, 0);
}
