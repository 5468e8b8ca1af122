/* 0 is never a handle. */
#include "case.h"

static void test(void) { pollable_ready(0); }
