/* A small integer's upper bits are left out of account: 256 and something is something. */
#include "case.h"

static void test(void) { exit_exit_with_code_core(0xabcdef00); }
