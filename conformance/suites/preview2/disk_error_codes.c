/* Every failure of a disk has its error-code: a file for each, whose removal fails in that way, and the guest is told. */
#include "case.h"

static const char names[] =
    "ACCES\0AGAIN\0ALREADY\0BADF\0BUSY\0DEADLK\0DQUOT\0EXIST\0FBIG\0ILSEQ\0INPROGRESS\0INTR\0INVAL\0IO\0ISDIR\0LOOP\0MLINK\0"
    "MSGSIZE\0NAMETOOLONG\0NODEV\0NOENT\0NOLCK\0NOMEM\0NOSPC\0NOTDIR\0NOTEMPTY\0NOTRECOVERABLE\0NOTSUP\0NOTTY\0NXIO\0"
    "OVERFLOW\0PERM\0PIPE\0ROFS\0SPIPE\0TXTBSY\0XDEV\0";

static void test(void) {
    descriptor_t disk = preopens_get_directories().data[1].f0;
    int code = ERROR_CODE_ACCESS;
    for (const char *name = names; *name; name += length_of(name) + 1, code++) {
        char path[32] = "unlink.";
        memcpy(path + 7, name, length_of(name) + 1);
        string_t file = {path, length_of(path)};
        descriptor_drop(OK(descriptor_open_at(disk, 0, file, CREATE, READ | WRITE)));
        result_void_error_code_t done = descriptor_unlink_file_at(disk, file);
        expect_code(FILE_NAME, __LINE__, name, done.is_err ? done.err : -1, code, code, code);
    }
    EQ(code, ERROR_CODE_CROSS_DEVICE + 1);
}
