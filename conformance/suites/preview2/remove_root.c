/* The directory that a path begins in isn't removed by way of itself. */
#include "case.h"

static void test(void) {
    ONE_OF(INVALID, BUSY, NOT_PERMITTED, descriptor_remove_directory_at(root(), S(".")));
    EQ(OK(descriptor_get_type(root())), DESCRIPTOR_TYPE_DIRECTORY);
}
