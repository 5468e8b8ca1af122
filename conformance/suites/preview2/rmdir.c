/* remove-directory-at removes an empty directory. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    DONE(descriptor_remove_directory_at(root(), S("sub")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("sub")));
    FAILS(NO_ENTRY, descriptor_remove_directory_at(root(), S("sub")));
}
