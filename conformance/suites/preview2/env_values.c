/* Every variable arrives with its name and value, once, the same each time. */
#include "case.h"

static void test(void) {
    for (int again = 0; again < 2; again++) {
        list_tuple_string_string_t all = environment_get_environment();
        int one = 0, empty = 0, text = 0;
        EQ(all.size, 3);
        for (size_t i = 0; i < 3; i++) {
            one += is_text(all.data[i].f0, "ONE") && is_text(all.data[i].f1, "1");
            empty += is_text(all.data[i].f0, "EMPTY") && is_text(all.data[i].f1, "");
            text += is_text(all.data[i].f0, "TEXT") && is_text(all.data[i].f1, "ä = ö");
        }
        IS(one == 1 && empty == 1 && text == 1);
    }
}
