/* A place for the result that isn't aligned as the result is traps. */
#include "case.h"

static void test(void) { descriptor_stat_core(root(), (void *)(block + 4)); }
