/* A string that isn't in the memory traps. */
#include "case.h"

static void test(void) { descriptor_create_directory_at(root(), (string_t){(const char *)block, 0x7fffffff}); }
