/* `.` and `..` and doubled slashes inside a path change nothing; at its end they name directories. */
#include "path_table.h"

static void test(void) {
    uint64_t root, d;
    make_file("source", "s");
    make_dir("d");
    make_dir("d/e");
    make_file("d/f", "abc");
    static const char *const ways[] = {
        "./d/f", "d/./f", "d//f", "d/e/../f", ".//.//d/f", "d/../d/f", "d/e/./../e/.././f", "./d/e/../../d/f"
    };
    for (int i = 0; i < 8; i++) {
        EQ(stat_of(ways[i]).ino, stat_of("d/f").ino);
        IS(file_is(ways[i], "abc", 3));
    }
    root = stat_of(".").ino, d = stat_of("d").ino;
    IS(root != d);
    EQ(stat_of("d/..").ino, root);
    EQ(stat_of("d/.").ino, d);
    EQ(stat_of("d/e/..").ino, d);
    EQ(stat_of("d/e/../..").ino, root);

    static const char *const ends[] = {".", "d/.", "d/..", "./", "d/e/.."};
    for (int i = 0; i < 5; i++) {
        const char *path = ends[i];
        size_u32 n = length_of(path);
        FAILS(EEXIST, apply(MKDIR, path, n));
        OK(apply(OPEN_DIRECTORY, path, n));
        FAILS(EISDIR, apply(CREATE, path, n));
        FAILS(EINVAL, apply(READLINK, path, n));
        /* POSIX: INVAL for a last `.`, NOTEMPTY (or EXIST) for `..`, BUSY for the root of a mount. */
        ONE_OF(EINVAL, ENOTEMPTY, EBUSY, apply(RMDIR, path, n));
        EITHER(EISDIR, EPERM, apply(UNLINK, path, n));
        ONE_OF(EBUSY, EINVAL, ENOTEMPTY, apply(RENAME_FROM, path, n));
        EITHER(EEXIST, EISDIR, apply(LINK_TO, path, n));
        EITHER(EPERM, EISDIR, apply(LINK_FROM, path, n));
        EITHER(EEXIST, EISDIR, apply(SYMLINK_AT, path, n));
    }
    ONE_OF(EBUSY, EISDIR, EINVAL, apply(RENAME_TO, NAME(".")));
    ONE_OF(EBUSY, EISDIR, EINVAL, apply(RENAME_TO, NAME("d/.")));
    ONE_OF(EBUSY, EISDIR, EINVAL, apply(RENAME_TO, NAME("d/..")));
    FAILS(ENOENT, apply(MKDIR, NAME("new/.")));
    EITHER(ENOENT, EISDIR, apply(CREATE, NAME("new/.")));
    FILE_IS("d/f", "abc");
}
