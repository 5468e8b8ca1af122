/* A number that no case of an enum has traps. */
#include "case.h"

static void test(void) { descriptor_advise(root(), 0, 0, ADVICE_NO_REUSE + 1); }
