/* Nothing can be moved out of a folder that can only be read, nor into it; and what is asked for stays where it is. */
#include "../preview1/check.h"

enum { READ_ONLY = 4 };
#define REFUSED(call) EITHER(EPERM, EROFS, call)

static void test(void) {
    struct filestat st;
    make_file("f", "f");
    REFUSED(path_rename(READ_ONLY, NAME("file.txt"), ROOT, NAME("g")));
    REFUSED(path_rename(ROOT, NAME("f"), READ_ONLY, NAME("g")));
    REFUSED(path_rename(READ_ONLY, NAME("dir"), ROOT, NAME("d")));
    REFUSED(path_link(ROOT, 0, NAME("f"), READ_ONLY, NAME("g")));
    FAILS(ENOENT, path_filestat_get(READ_ONLY, 0, NAME("g"), &st));
    FAILS(ENOENT, stat_errno("g"));
    OK(path_filestat_get(READ_ONLY, 0, NAME("dir/sub/deep.txt"), &st));
    EQ(st.size, 5);
    FILE_IS("f", "f");
}
