/* An absolute target: wasmtime refuses to make such a link (PERM). A host that makes it must not follow it out. */
#include "check.h"

static void test(void) {
    static const char *const targets[] = {"/", "/f", "/etc/passwd", "//f"};
    struct filestat st;
    fd_t fd;
    make_file("f", "abc");
    for (int i = 0; i < 4; i++) {
        int error = path_symlink(NAMED(targets[i]), ROOT, NAME("l"));
        ONE_OF(EPERM, ENOTCAPABLE, SUCCESS, error);
        if (error) {
            FAILS(ENOENT, stat_errno("l"));
            continue;
        }
        EQ(stat_of("l").type, SYMBOLIC_LINK);
        ESCAPES(path_filestat_get(ROOT, FOLLOW, NAME("l"), &st));
        ESCAPES(path_open(ROOT, FOLLOW, NAME("l"), 0, RO, grantable, 0, &fd));
        OK(path_unlink_file(ROOT, NAME("l")));
    }
}
