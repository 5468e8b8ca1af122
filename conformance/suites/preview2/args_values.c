/* The arguments arrive in order behind the program's name, empty ones too. */
#include "case.h"

static void test(void) {
    list_string_t all = environment_get_arguments();
    EQ(all.size, 5);
    IS(is_text(all.data[1], "one") && is_text(all.data[2], "") && is_text(all.data[3], "zwei ä"));
    IS(is_text(all.data[4], "--three=3"));
}
