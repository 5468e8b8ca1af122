/* A number that no case of a variant has traps. */
#include "case.h"

static void test(void) {
    new_timestamp_t wrong = {NEW_TIMESTAMP_TIMESTAMP + 1, {{0, 0}}};
    descriptor_set_times(root(), wrong, wrong);
}
