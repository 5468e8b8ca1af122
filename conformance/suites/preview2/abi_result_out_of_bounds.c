/* A place for the result that isn't in the memory traps. */
#include "case.h"

static void test(void) { descriptor_stat_core(root(), (void *)0xfffffff8u); }
