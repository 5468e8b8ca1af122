/* Where there may be no more files, making one fails with insufficient-space. */
#include "case.h"

static void test(void) {
    char name[] = "a";
    result_descriptor_error_code_t file = {0};
    for (int i = 0; i < 20 && !file.is_err; i++, name[0]++) {
        file = descriptor_open_at(root(), 0, (string_t){name, 1}, CREATE, READ | WRITE);
        if (!file.is_err) descriptor_drop(file.ok);
    }
    EITHER(INSUFFICIENT_SPACE, QUOTA, file);
    EITHER(INSUFFICIENT_SPACE, QUOTA, descriptor_create_directory_at(root(), S("sub")));
    EITHER(INSUFFICIENT_SPACE, QUOTA, descriptor_symlink_at(root(), S("x"), S("link")));
}
