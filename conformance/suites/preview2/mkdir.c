/* create-directory-at makes an empty directory, also in another one. */
#include "case.h"

static void test(void) {
    make_directory(S("a"));
    make_directory(S("a/b"));
    EQ(stat_of(S("a/b")).type, DESCRIPTOR_TYPE_DIRECTORY);
    descriptor_t a = open_in(S("a"), DIRECTORY, READ | MUTATE);
    DONE(descriptor_create_directory_at(a, S("c")));
    EQ(stat_of(S("a/c")).type, DESCRIPTOR_TYPE_DIRECTORY);
    descriptor_drop(a);
}
