/* A file that was opened only for reading can be synchronised. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("x"));
    descriptor_t file = open_in(S("data"), 0, READ);
    DONE(descriptor_sync(file));
    DONE(descriptor_sync_data(file));
    descriptor_drop(file);
}
