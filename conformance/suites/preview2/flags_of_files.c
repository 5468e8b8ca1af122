/* get-flags tells what a file was opened for. */
#include "case.h"

static void test(void) {
    static const descriptor_flags_t all[] = {READ, WRITE, READ | WRITE};
    make_file(S("data"), B("x"));
    for (int i = 0; i < 3; i++) {
        descriptor_t file = open_in(S("data"), 0, all[i]);
        EQ(OK(descriptor_get_flags(file)) & (READ | WRITE | MUTATE), all[i]);
        descriptor_drop(file);
    }
}
