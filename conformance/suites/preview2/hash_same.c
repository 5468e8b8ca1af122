/* metadata-hash gives one hash for one file, however it was opened, and metadata-hash-at the same. */
#include "case.h"

static int equal(metadata_hash_value_t a, metadata_hash_value_t b) { return a.lower == b.lower && a.upper == b.upper; }

static void test(void) {
    make_file(S("a"), B("x"));
    descriptor_t a = open_in(S("a"), 0, READ), again = open_in(S("a"), 0, READ);
    metadata_hash_value_t hash = OK(descriptor_metadata_hash(a));
    IS(equal(hash, OK(descriptor_metadata_hash(a))));
    IS(equal(hash, OK(descriptor_metadata_hash(again))));
    IS(equal(hash, OK(descriptor_metadata_hash_at(root(), 0, S("a")))));
    descriptor_drop(a);
    descriptor_drop(again);
}
