/* A listing tells of each entry the type and the number that its status has: of files, directories, links (themselves, not
 * what they lead to), and of two names of one file the same number. */
#include "readdir.h"

static void matches(fd_t dir, const char *name, uint8_t type) {
    struct entry e;
    struct filestat st;
    size_u32 used = 0, at = 0, step;
    int found = 0;
    OK(path_filestat_get(dir, 0, NAMED(name), &st));
    EQ(st.type, type);
    OK(fd_readdir(dir, listing, sizeof listing, 0, &used));
    IS(used < sizeof listing);
    while ((step = entry_at(&e, at, used))) {
        at += step;
        if (!is_named(&e, name)) continue;
        found++;
        EQ(e.type, type);
        EQ(e.ino, st.ino);
    }
    EQ(at, used);
    EQ(found, 1);
}

static void test(void) {
    make_dir("d");
    make_file("d/file", "abc");
    make_dir("d/directory");
    make_link("file", "d/to_file");
    make_link("directory", "d/to_directory");
    make_link("nothing", "d/to_nothing");
    OK(path_link(ROOT, 0, NAME("d/file"), ROOT, NAME("d/twin")));
    fd_t dir = open_dir("d");
    matches(dir, "file", REGULAR_FILE);
    matches(dir, "twin", REGULAR_FILE);
    matches(dir, "directory", DIRECTORY);
    matches(dir, "to_file", SYMBOLIC_LINK);
    matches(dir, "to_directory", SYMBOLIC_LINK);
    matches(dir, "to_nothing", SYMBOLIC_LINK);
    matches(dir, ".", DIRECTORY);
    EQ(stat_of("d/file").ino, stat_of("d/twin").ino);

    /* What takes a name's place is listed as what it is. */
    uint64_t ino = stat_of("d/file").ino;
    OK(path_unlink_file(ROOT, NAME("d/file")));
    OK(path_create_directory(ROOT, NAME("d/file")));
    matches(dir, "file", DIRECTORY);
    OK(path_rename(ROOT, NAME("d/twin"), ROOT, NAME("d/to_file")));
    matches(dir, "to_file", REGULAR_FILE);
    EQ(stat_of("d/to_file").ino, ino);
}
