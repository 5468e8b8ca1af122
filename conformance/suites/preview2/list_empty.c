/* An empty directory has no entries. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    descriptor_t sub = open_in(S("sub"), DIRECTORY, READ);
    directory_entry_stream_t all = OK(descriptor_read_directory(sub));
    EQ(OK(directory_entry_stream_read_directory_entry(all)).is_some, 0);
    directory_entry_stream_drop(all);
    descriptor_drop(sub);
}
