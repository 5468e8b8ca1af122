/* Each folder is there under its name, and has its own content. */
#include "case.h"

static void test(void) {
    list_tuple_descriptor_string_t all = preopens_get_directories();
    EQ(all.size, 2);
    IS(is_text(all.data[0].f1, "one") && is_text(all.data[1].f1, "two"));
    DONE(descriptor_create_directory_at(all.data[0].f0, S("made")));
    DONE(descriptor_stat_at(all.data[0].f0, 0, S("made")));
    FAILS(NO_ENTRY, descriptor_stat_at(all.data[1].f0, 0, S("made")));
    IS(!descriptor_is_same_object(all.data[0].f0, all.data[1].f0));
}
