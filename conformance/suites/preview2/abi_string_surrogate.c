/* The UTF-8 of a surrogate is none. */
#include "case.h"

static void test(void) { descriptor_create_directory_at(root(), S("\xed\xa0\x80")); }
