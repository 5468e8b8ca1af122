/* A link that says nothing isn't made, nor one without a name. */
#include "case.h"

static void test(void) {
    EITHER(NO_ENTRY, INVALID, descriptor_symlink_at(root(), S(""), S("link")));
    EITHER(NO_ENTRY, INVALID, descriptor_symlink_at(root(), S("x"), S("")));
}
