/* poll traps for an empty list: there is nothing that it could wait for. */
#include "case.h"

static void test(void) {
    poll_poll((list_pollable_t){0, 0});
}
