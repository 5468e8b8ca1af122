/* A slash behind the name of a directory that is made is allowed. */
#include "case.h"

static void test(void) {
    make_directory(S("sub/"));
    EQ(stat_of(S("sub")).type, DESCRIPTOR_TYPE_DIRECTORY);
}
