/* Bits of flags that have no name are left out of account. */
#include "case.h"

static void test(void) {
    result_descriptor_error_code_t file;
    make_file(S("data"), B("x"));
    descriptor_open_at_core(root(), 0xfffffffe, (uint32_t)(uintptr_t)"data", 4, 0xfffffff0, READ | 0xffffffc0, &file);
    descriptor_drop(OK(file));
}
