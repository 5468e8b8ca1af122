/* No name leads from one file system to another one: rename-at and link-at fail with cross-device. */
#include "case.h"

static void test(void) {
    list_tuple_descriptor_string_t all = preopens_get_directories();
    EQ(all.size, 2);
    make_file(S("file"), B("x"));
    FAILS(CROSS_DEVICE, descriptor_rename_at(root(), S("file"), all.data[1].f0, S("new")));
    FAILS(CROSS_DEVICE, descriptor_link_at(root(), 0, S("file"), all.data[1].f0, S("new")));
    HOLDS(S("file"), "x");
}
