/* What isn't there isn't renamed, nor to where nothing is. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    FAILS(NO_ENTRY, descriptor_rename_at(root(), S("nothing"), root(), S("b")));
    FAILS(NO_ENTRY, descriptor_rename_at(root(), S("file"), root(), S("nothing/b")));
    FAILS(NOT_DIRECTORY, descriptor_rename_at(root(), S("file/a"), root(), S("b")));
    FAILS(NOT_DIRECTORY, descriptor_rename_at(root(), S("file"), root(), S("file/b")));
    HOLDS(S("file"), "x");
}
