/* What the guest leaves behind is there when it has ended, and nothing else. */
#include "case.h"

static void test(void) {
    make_directory(S("made"));
    make_file(S("made/text"), B("what is left"));
    make_file(S("gone"), B("x"));
    DONE(descriptor_unlink_file_at(root(), S("gone")));
    DONE(descriptor_symlink_at(root(), S("made/text"), S("link")));
}
