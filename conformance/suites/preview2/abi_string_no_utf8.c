/* A string that is no UTF-8 traps. */
#include "case.h"

static void test(void) { descriptor_create_directory_at(root(), S("\xff\xfe")); }
