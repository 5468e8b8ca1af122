/* A folder where another file system is mounted can't be removed or renamed, nor can another take its place: BUSY. */
#define FIRST_DIRECTORY 4
#include "../preview1/check.h"

/* The mount is descriptor 3, and the machine's root behind it. */
static void test(void) {
    make_dir("d");
    FAILS(EBUSY, path_remove_directory(ROOT, NAME("mnt/disk")));
    FAILS(EBUSY, path_rename(ROOT, NAME("mnt/disk"), ROOT, NAME("d")));
    FAILS(EBUSY, path_rename(ROOT, NAME("d"), ROOT, NAME("mnt/disk")));
    FAILS(ENOTEMPTY, path_remove_directory(ROOT, NAME("mnt")));
    /* What is inside is the other file system's. */
    make_file("mnt/disk/f", "text");
    struct filestat st;
    OK(path_filestat_get(3, 0, NAME("f"), &st));
    EQ(st.size, 4);
    FAILS(EXDEV, path_rename(ROOT, NAME("mnt/disk/f"), ROOT, NAME("f")));
    IS(stat_of("mnt/disk").dev != stat_of("mnt").dev);
}
