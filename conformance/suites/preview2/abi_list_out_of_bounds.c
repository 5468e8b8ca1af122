/* A list that isn't in the memory traps. */
#include "case.h"

static void test(void) { output_stream_write(stdout_get_stdout(), (list_u8_t){block, 0x7fffffff}); }
