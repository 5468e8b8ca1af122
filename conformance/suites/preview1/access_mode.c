/* The rights that path_open is given decide what a descriptor may do: read, write, or both. */
#include "check.h"

static void test(void) {
    char byte = 'X';
    struct iovec in = {&byte, 1};
    struct ciovec out = {"Y", 1};
    size_u32 n;
    fd_t reader, writer, neither;
    make_file("f", "abc");
    reader = open_with("f", 0, RO, 0);
    writer = open_with("f", 0, WO, 0);
    /* BADF as POSIX has it; NOTCAPABLE from a host that still enforces rights. */
    EITHER(EBADF, ENOTCAPABLE, fd_write(reader, &out, 1, &n));
    EITHER(EBADF, ENOTCAPABLE, fd_pwrite(reader, &out, 1, 0, &n));
    EITHER(EBADF, ENOTCAPABLE, fd_read(writer, &in, 1, &n));
    EITHER(EBADF, ENOTCAPABLE, fd_pread(writer, &in, 1, 0, &n));
    /* The check comes before the length: no buffers at all change nothing. */
    EITHER(EBADF, ENOTCAPABLE, fd_write(reader, &out, 0, &n));
    EITHER(EBADF, ENOTCAPABLE, fd_read(writer, &in, 0, &n));
    EQ(byte, 'X');

    OK(fd_read(reader, &in, 1, &n));
    EQ(byte, 'a');
    OK(fd_write(writer, &out, 1, &n));
    FILE_IS("f", "Ybc");

    /* Neither right: a descriptor for the file's metadata. Hosts on POSIX have to open it for reading. */
    neither = open_with("f", 0, 0, 0);
    EITHER(EBADF, ENOTCAPABLE, fd_write(neither, &out, 1, &n));
    ONE_OF(SUCCESS, EBADF, ENOTCAPABLE, fd_read(neither, &in, 1, &n));
    FILE_IS("f", "Ybc");
}
