/* path_link's refusals. */
#include "check.h"

static int link(const char *from, const char *to) { return path_link(ROOT, 0, NAMED(from), ROOT, NAMED(to)); }

static void test(void) {
    make_file("f", "F");
    make_file("g", "G");
    make_dir("d");
    make_link("f", "l");
    make_link("none", "dangling");
    make_link("loop", "loop");
    FAILS(EEXIST, link("f", "g"));
    FAILS(EEXIST, link("f", "f"));
    FAILS(EEXIST, link("f", "d"));
    FAILS(EEXIST, link("f", "l"));
    FAILS(EEXIST, link("f", "dangling"));
    FAILS(EEXIST, link("f", "loop"));
    FAILS(ENOENT, link("none", "h"));
    FAILS(ENOENT, link("f", "none/h"));
    FAILS(ENOENT, link("none/f", "h"));
    FAILS(ENOTDIR, link("f", "f/h"));
    FAILS(ENOTDIR, link("f/x", "h"));
    FAILS(ELOOP, link("f", "loop/h"));
    FAILS(ELOOP, link("loop/f", "h"));
    /* A directory gets no second name. */
    FAILS(EPERM, link("d", "h"));
    /* wasmtime has no following (INVAL, whatever the path); POSIX makes a name for what the link points to. */
    int error = path_link(ROOT, FOLLOW, NAME("l"), ROOT, NAME("followed"));
    EITHER(EINVAL, SUCCESS, error);
    EQ(stat_of("f").nlink, error ? 1 : 2);
    FILE_IS("g", "G");
    FAILS(ENOENT, stat_errno("h"));
}
