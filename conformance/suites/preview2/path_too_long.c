/* A name of 300 bytes is too long for any file system that counts. */
#include "case.h"

static void test(void) {
    memset(block, 'x', 300);
    string_t name = {(const char *)block, 300};
    FAILS(NAME_TOO_LONG, descriptor_stat_at(root(), 0, name));
    FAILS(NAME_TOO_LONG, descriptor_open_at(root(), 0, name, CREATE, READ | WRITE));
    FAILS(NAME_TOO_LONG, descriptor_create_directory_at(root(), name));
}
