/* A directory's name may have a slash behind it, as for unlinkat of POSIX, which the standard names. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    DONE(descriptor_remove_directory_at(root(), S("sub/")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("sub")));
}
