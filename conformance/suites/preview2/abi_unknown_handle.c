/* A number that no handle has traps. */
#include "case.h"

static void test(void) { descriptor_get_flags(123456); }
