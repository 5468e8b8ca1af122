/* What isn't there has no hash. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NO_ENTRY, descriptor_metadata_hash_at(root(), 0, S("nothing")));
    FAILS(NOT_DIRECTORY, descriptor_metadata_hash_at(root(), 0, S("file/below")));
}
