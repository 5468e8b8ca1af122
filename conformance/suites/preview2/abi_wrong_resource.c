/* The handle of one resource isn't one of another. */
#include "case.h"

static void test(void) { input_stream_read(root(), 1); }
