/* Asked a second time, the list has handles of its own for the same directories. */
#include "case.h"

static void test(void) {
    list_tuple_descriptor_string_t a = preopens_get_directories(), b = preopens_get_directories();
    EQ(a.size, b.size);
    IS(a.data[0].f0 != b.data[0].f0);
    IS(descriptor_is_same_object(a.data[0].f0, b.data[0].f0));
    descriptor_drop(a.data[0].f0);
    DONE(descriptor_create_directory_at(b.data[0].f0, S("still")));
}
