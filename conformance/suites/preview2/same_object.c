/* is-same-object: one file is the same however it was opened, two files aren't. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    make_file(S("b"), B("x"));
    DONE(descriptor_link_at(root(), 0, S("a"), root(), S("c")));
    descriptor_t a = open_in(S("a"), 0, READ), again = open_in(S("a"), 0, READ | WRITE);
    descriptor_t b = open_in(S("b"), 0, READ), c = open_in(S("c"), 0, READ);
    IS(descriptor_is_same_object(a, a) && descriptor_is_same_object(a, again) && descriptor_is_same_object(a, c));
    IS(!descriptor_is_same_object(a, b) && !descriptor_is_same_object(b, a));
    IS(!descriptor_is_same_object(a, root()) && descriptor_is_same_object(root(), root()));
    descriptor_drop(a);
    descriptor_drop(again);
    descriptor_drop(b);
    descriptor_drop(c);
}
