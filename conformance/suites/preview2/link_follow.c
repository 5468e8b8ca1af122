/* link-at with symlink-follow names what the link leads to, or is refused as invalid. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    result_void_error_code_t done = descriptor_link_at(root(), FOLLOW, S("link"), root(), S("other"));
    if (done.is_err) EITHER(INVALID, UNSUPPORTED, done);
    else EQ(stat_of(S("other")).type, DESCRIPTOR_TYPE_REGULAR_FILE);
}
