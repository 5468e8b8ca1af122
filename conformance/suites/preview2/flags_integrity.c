/* Files that are synchronised with each write may be opened, or are unsupported. */
#include "case.h"

static void test(void) {
    static const descriptor_flags_t more[] = {DESCRIPTOR_FLAGS_FILE_INTEGRITY_SYNC, DESCRIPTOR_FLAGS_DATA_INTEGRITY_SYNC,
                                              DESCRIPTOR_FLAGS_REQUESTED_WRITE_SYNC};
    make_file(S("data"), B("x"));
    for (int i = 0; i < 3; i++) {
        result_descriptor_error_code_t file = descriptor_open_at(root(), 0, S("data"), 0, READ | WRITE | more[i]);
        if (file.is_err) {
            FAILS(UNSUPPORTED, file);
        } else {
            write_all(file.ok, B("y"), 0);
            descriptor_drop(file.ok);
        }
    }
}
