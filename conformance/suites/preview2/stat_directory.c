/* stat of a directory, as a descriptor and by its name. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    EQ(OK(descriptor_stat(root())).type, DESCRIPTOR_TYPE_DIRECTORY);
    EQ(stat_of(S("sub")).type, DESCRIPTOR_TYPE_DIRECTORY);
    EQ(stat_of(S(".")).type, DESCRIPTOR_TYPE_DIRECTORY);
    IS(stat_of(S("sub")).link_count >= 1);
}
