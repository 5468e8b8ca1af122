/* A slash at the end of a path says "a directory": what each function makes of that, for every kind of thing. */
#include "path_table.h"

static void scene(void) {
    make_file("source", "s");
    make_file("f", "abc");
    make_dir("d");
    make_dir("d/x");
    make_link("f", "to_file");
    make_link("d", "to_dir");
    make_link("none", "dangling");
}

static void files(void) {
    FAILS(EEXIST, apply(MKDIR, NAME("f/")));
    FAILS(ENOTDIR, apply(STAT, NAME("f/")));
    FAILS(ENOTDIR, apply(STAT_FOLLOW, NAME("f/")));
    FAILS(ENOTDIR, apply(UTIME, NAME("f/")));
    FAILS(ENOTDIR, apply(OPEN, NAME("f/")));
    FAILS(ENOTDIR, apply(OPEN_DIRECTORY, NAME("f/")));
    FAILS(ENOTDIR, apply(READLINK, NAME("f/")));
    FAILS(ENOTDIR, apply(UNLINK, NAME("f/")));
    FAILS(ENOTDIR, apply(RMDIR, NAME("f/")));
    FAILS(ENOTDIR, apply(LINK_FROM, NAME("f/")));
    FAILS(ENOTDIR, apply(RENAME_FROM, NAME("f/")));
    FAILS(ENOTDIR, apply(RENAME_TO, NAME("f/")));
    /* Linux looks at the slash first: a file can't be made (ISDIR). POSIX: it's there and no directory. */
    EITHER(EISDIR, ENOTDIR, apply(CREATE, NAME("f/")));
    EITHER(ENOTDIR, EEXIST, apply(LINK_TO, NAME("f/")));
    EITHER(ENOTDIR, EEXIST, apply(SYMLINK_AT, NAME("f/")));
    FILE_IS("f", "abc");
}

static void directories(void) {
    FAILS(EEXIST, apply(MKDIR, NAME("d/")));
    OK(apply(STAT, NAME("d/")));
    OK(apply(STAT, NAME("d///")));
    OK(apply(UTIME, NAME("d/")));
    OK(apply(OPEN, NAME("d/")));
    OK(apply(OPEN_DIRECTORY, NAME("d/")));
    FAILS(EISDIR, apply(CREATE, NAME("d/")));
    FAILS(EINVAL, apply(READLINK, NAME("d/")));
    EITHER(EISDIR, EPERM, apply(UNLINK, NAME("d/")));
    FAILS(EEXIST, apply(SYMLINK_AT, NAME("d/")));
    FAILS(EEXIST, apply(LINK_TO, NAME("d/")));
    /* wasmtime refuses every slash at the end (INVAL); POSIX looks at the directory. */
    EITHER(EINVAL, ENOTEMPTY, apply(RMDIR, NAME("d/")));
    make_dir("empty");
    int error = apply(RMDIR, NAME("empty/"));
    EITHER(EINVAL, SUCCESS, error);
    if (error) OK(apply(RMDIR, NAME("empty")));
    OK(path_rename(ROOT, NAME("d/"), ROOT, NAME("e")));
    OK(path_rename(ROOT, NAME("e"), ROOT, NAME("g/")));
    OK(path_rename(ROOT, NAME("g//"), ROOT, NAME("d/")));
    OK(stat_errno("d/x"));
}

static void missing(void) {
    OK(apply(MKDIR, NAME("new/")));
    EQ(stat_of("new").type, DIRECTORY);
    OK(apply(MKDIR, NAME("new2//")));
    FAILS(ENOENT, apply(STAT, NAME("none/")));
    FAILS(ENOENT, apply(OPEN, NAME("none/")));
    FAILS(ENOENT, apply(UNLINK, NAME("none/")));
    FAILS(ENOENT, apply(RMDIR, NAME("none/")));
    FAILS(ENOENT, apply(READLINK, NAME("none/")));
    FAILS(ENOENT, apply(RENAME_FROM, NAME("none/")));
    EITHER(EISDIR, ENOENT, apply(CREATE, NAME("none/")));
    EITHER(ENOENT, ENOTDIR, apply(LINK_TO, NAME("none/")));
    EITHER(ENOENT, ENOTDIR, apply(SYMLINK_AT, NAME("none/")));
    EITHER(ENOTDIR, ENOENT, apply(RENAME_TO, NAME("none/")));
    FAILS(ENOENT, stat_errno("none"));
}

static void links(void) {
    /* The slash makes the link be followed, also where it isn't otherwise. */
    EQ(stat_of("to_dir/").type, DIRECTORY);
    OK(apply(OPEN, NAME("to_dir/")));
    OK(apply(OPEN_DIRECTORY, NAME("to_dir/")));
    FAILS(EINVAL, apply(READLINK, NAME("to_dir/")));
    EITHER(EISDIR, ENOTDIR, apply(UNLINK, NAME("to_dir/")));
    ONE_OF(EINVAL, ENOTDIR, ENOTEMPTY, apply(RMDIR, NAME("to_dir/")));
    FAILS(EEXIST, apply(MKDIR, NAME("to_dir/")));
    FAILS(ENOTDIR, apply(STAT, NAME("to_file/")));
    FAILS(ENOTDIR, apply(OPEN, NAME("to_file/")));
    FAILS(ENOTDIR, apply(READLINK, NAME("to_file/")));
    FAILS(ENOTDIR, apply(UNLINK, NAME("to_file/")));
    FAILS(ENOENT, apply(STAT, NAME("dangling/")));
    FAILS(ENOENT, apply(OPEN, NAME("dangling/")));
    FAILS(ENOENT, apply(UNLINK, NAME("dangling/")));
    /* Linux doesn't rename a link's directory through the link; POSIX would. */
    EITHER(ENOTDIR, SUCCESS, apply(RENAME_FROM, NAME("to_dir/")));
    EITHER(EEXIST, SUCCESS, apply(MKDIR, NAME("dangling/")));
    EQ(stat_of("dangling").type, SYMBOLIC_LINK);
}

static void test(void) {
    scene();
    files();
    directories();
    missing();
    links();
}
