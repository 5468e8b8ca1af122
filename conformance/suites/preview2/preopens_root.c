/* The folder that the guest has is there as /, a directory that can be changed. */
#include "case.h"

static void test(void) {
    list_tuple_descriptor_string_t all = preopens_get_directories();
    EQ(all.size, 1);
    IS(is_text(all.data[0].f1, "/"));
    EQ(OK(descriptor_get_type(all.data[0].f0)), DESCRIPTOR_TYPE_DIRECTORY);
    IS(OK(descriptor_get_flags(all.data[0].f0)) & MUTATE);
}
