/* The way to the last name: a missing directory is NOENT, something that isn't a directory is NOTDIR, for every
 * function. */
#include "path_table.h"

static void test(void) {
    make_file("source", "s");
    make_file("f", "abc");
    make_link("f", "to_file");
    make_link("none", "dangling");
    EVERY(ENOENT, ENOENT, NAME("none/x"), 0);
    EVERY(ENOENT, ENOENT, NAME("none/x/y"), 0);
    EVERY(ENOENT, ENOENT, NAME("none/../f"), 0);
    EVERY(ENOENT, ENOENT, NAME("dangling/x"), 0);
    EVERY(ENOTDIR, ENOTDIR, NAME("f/x"), 0);
    EVERY(ENOTDIR, ENOTDIR, NAME("f/x/y"), 0);
    EVERY(ENOTDIR, ENOTDIR, NAME("f/../f"), 0);
    EVERY(ENOTDIR, ENOTDIR, NAME("to_file/x"), 0);
    /* And a last name that is missing, for those that want one. */
    EVERY(ENOENT, ENOENT, NAME("none"),
          BIT(MKDIR) | BIT(CREATE) | BIT(LINK_TO) | BIT(RENAME_TO) | BIT(SYMLINK_AT));
    FAILS(ENOENT, stat_errno("none"));
}
