/* stat tells type, size, and how many names a file has. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ);
    descriptor_stat_t st = OK(descriptor_stat(file));
    EQ(st.type, DESCRIPTOR_TYPE_REGULAR_FILE);
    EQ(st.size, 10);
    EQ(st.link_count, 1);
    descriptor_drop(file);
}
