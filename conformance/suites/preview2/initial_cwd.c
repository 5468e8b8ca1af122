/* There may be a folder to begin in; if so, its name isn't empty. */
#include "case.h"

static void test(void) {
    option_string_t cwd = environment_initial_cwd();
    IS(cwd.is_some <= 1);
    if (cwd.is_some) IS(cwd.some.size > 0);
}
