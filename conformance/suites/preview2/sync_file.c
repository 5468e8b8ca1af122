/* sync and sync-data work for a file, whatever was written. */
#include "case.h"

static void test(void) {
    descriptor_t file = open_in(S("new"), CREATE, READ | WRITE);
    DONE(descriptor_sync(file));
    DONE(descriptor_sync_data(file));
    write_all(file, B("text"), 0);
    DONE(descriptor_sync(file));
    DONE(descriptor_sync_data(file));
    descriptor_drop(file);
    HOLDS(S("new"), "text");
}
