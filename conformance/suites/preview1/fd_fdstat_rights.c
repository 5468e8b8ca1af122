/* fd_fdstat_set_rights: gone from wasmtime (NOTSUP). Where it is there, rights can be dropped and not regained. */
#include "check.h"

static void test(void) {
    struct fdstat fs;
    fd_t fd = create("f");
    OK(fd_fdstat_get(fd, &fs));
    int error = fd_fdstat_set_rights(fd, fs.rights & ~RIGHT_FD_WRITE, 0);
    EITHER(ENOTSUP, SUCCESS, error);
    if (!error) {
        struct ciovec out = {"x", 1};
        size_u32 n;
        FAILS(ENOTCAPABLE, fd_write(fd, &out, 1, &n));
        FAILS(ENOTCAPABLE, fd_fdstat_set_rights(fd, grantable, 0));
    }
    EITHER(ENOTSUP, SUCCESS, fd_fdstat_set_rights(ROOT, 0, 0));
    FAILS(EBADF, fd_fdstat_set_rights(NO_FD, 0, 0));
}
