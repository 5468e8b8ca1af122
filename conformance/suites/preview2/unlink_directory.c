/* unlink-file-at of a directory fails with is-directory, and that stays. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    FAILS(IS_DIRECTORY, descriptor_unlink_file_at(root(), S("sub")));
    EQ(stat_of(S("sub")).type, DESCRIPTOR_TYPE_DIRECTORY);
}
