/* Without arguments there is the program's own name alone, if that. */
#include "case.h"

static void test(void) {
    IS(environment_get_arguments().size <= 1);
}
