/* Nor can it be dropped as one. */
#include "case.h"

static void test(void) { pollable_drop(stdout_get_stdout()); }
