/* readlink-at gives what a link says, as it was written. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    DONE(descriptor_symlink_at(root(), S("some/../where ä"), S("link")));
    DONE(descriptor_symlink_at(root(), S("../link"), S("sub/up")));
    IS(is_text(OK(descriptor_readlink_at(root(), S("link"))), "some/../where ä"));
    IS(is_text(OK(descriptor_readlink_at(root(), S("sub/up"))), "../link"));
}
