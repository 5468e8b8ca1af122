/* A directory can be synchronised. */
#include "case.h"

static void test(void) {
    DONE(descriptor_sync(root()));
    DONE(descriptor_sync_data(root()));
}
