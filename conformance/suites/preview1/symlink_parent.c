/* The parent of what a link leads to is that directory's parent, not the link's; in targets as in paths. */
#include "check.h"

static void is(const char *path, const char *text) {
    fd_t fd;
    char got[16];
    OK(path_open(ROOT, FOLLOW, NAMED(path), 0, RO, grantable, 0, &fd));
    size_u32 size = read_all(fd, got, sizeof got);
    EQ(size, length_of(text));
    IS(same(got, text, size));
    OK(fd_close(fd));
}

static void test(void) {
    fd_t fd = NO_FD;
    make_dir("a"), make_dir("a/b"), make_dir("a/b/c"), make_dir("e");
    make_file("x", "top"), make_file("a/x", "in a"), make_file("a/b/x", "in b");
    make_link("a/b/c", "deep");
    make_link("../a/b", "e/over");
    make_link("over/../x", "e/back");
    make_link("../deep/../../x", "e/twice");
    make_link("deep/..", "up");
    is("deep/../x", "in b");
    is("deep/../../x", "in a");
    is("deep/../../../x", "top");
    is("e/over/x", "in b");
    is("e/over/../x", "in a");
    is("e/back", "in a");
    is("e/twice", "in a");
    is("up/x", "in b");
    is("up/../x", "in a");
    is("./deep/./.././x", "in b");
    /* One step more than there is. */
    ESCAPES(path_open(ROOT, FOLLOW, NAME("deep/../../../../x"), 0, RO, grantable, 0, &fd));
    ESCAPES(path_open(ROOT, FOLLOW, NAME("e/over/../../../x"), 0, RO, grantable, 0, &fd));
    /* A directory's descriptor is a top of its own: what leads out of it by a link is out. */
    fd_t e = open_dir("e");
    ESCAPES(path_open(e, FOLLOW, NAME("over/x"), 0, RO, grantable, 0, &fd));
    ESCAPES(path_open(e, FOLLOW, NAME("back"), 0, RO, grantable, 0, &fd));
    EQ(fd, NO_FD);
    /* What isn't a directory has no parent, even if the parent is all that is asked for. */
    make_link("x", "file");
    FAILS(ENOTDIR, path_open(ROOT, FOLLOW, NAME("file/../x"), 0, RO, grantable, 0, &fd));
    FAILS(ENOTDIR, path_open(ROOT, FOLLOW, NAME("x/../x"), 0, RO, grantable, 0, &fd));
    FAILS(ENOENT, path_open(ROOT, FOLLOW, NAME("none/../x"), 0, RO, grantable, 0, &fd));
}
