/* A file whose name is gone can be read and written by who has it open. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("kept"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    DONE(descriptor_unlink_file_at(root(), S("data")));
    FAILS(NO_ENTRY, descriptor_stat_at(root(), 0, S("data")));
    EQ(read_all(file, block, 10, 0), 4);
    write_all(file, B("!"), 4);
    EQ(OK(descriptor_stat(file)).size, 5);
    EQ(OK(descriptor_stat(file)).link_count, 0);
    descriptor_drop(file);
}
