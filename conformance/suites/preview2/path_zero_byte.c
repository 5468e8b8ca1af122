/* A path with a zero byte in it names nothing. */
#include "case.h"

static void test(void) {
    make_file(S("a"), B("x"));
    ONE_OF(INVALID, ILLEGAL_BYTE_SEQUENCE, NO_ENTRY, descriptor_stat_at(root(), 0, S("a\0b")));
    ONE_OF(INVALID, ILLEGAL_BYTE_SEQUENCE, NO_ENTRY, descriptor_open_at(root(), 0, S("a\0"), CREATE, READ | WRITE));
    ONE_OF(INVALID, ILLEGAL_BYTE_SEQUENCE, NO_ENTRY, descriptor_create_directory_at(root(), S("b\0c")));
}
