/* Files, directories and links have hashes of their own. */
#include "case.h"

static int equal(metadata_hash_value_t a, metadata_hash_value_t b) { return a.lower == b.lower && a.upper == b.upper; }

static void test(void) {
    make_file(S("a"), B("x"));
    make_directory(S("sub"));
    DONE(descriptor_symlink_at(root(), S("a"), S("link")));
    metadata_hash_value_t a = OK(descriptor_metadata_hash_at(root(), 0, S("a")));
    metadata_hash_value_t sub = OK(descriptor_metadata_hash_at(root(), 0, S("sub")));
    metadata_hash_value_t link = OK(descriptor_metadata_hash_at(root(), 0, S("link")));
    IS(!equal(a, sub) && !equal(a, link) && !equal(sub, link));
    IS(equal(a, OK(descriptor_metadata_hash_at(root(), FOLLOW, S("link")))));
    IS(!equal(sub, OK(descriptor_metadata_hash(root()))));
}
