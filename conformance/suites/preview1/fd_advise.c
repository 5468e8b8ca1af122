/* fd_advise: every kind of advice is accepted and changes nothing; a range past the biggest offset is INVAL. */
#include "check.h"

static void test(void) {
    fd_t fd = create("f");
    write_all(fd, "abc", 3);
    for (int advice = NORMAL; advice <= NOREUSE; advice++) {
        OK(fd_advise(fd, 0, 0, advice));
        OK(fd_advise(fd, 1, 1, advice));
        OK(fd_advise(fd, 1000, 1 << 20, advice));
    }
    OK(fd_advise(open_with("f", 0, RO, 0), 0, 3, WILLNEED));
    OK(fd_advise(open_with("f", 0, WO, 0), 0, 3, WILLNEED));
    EITHER(EINVAL, SUCCESS, fd_advise(fd, 0, ~(uint64_t)0, NORMAL));
    EITHER(EINVAL, SUCCESS, fd_advise(fd, ~(uint64_t)0, ~(uint64_t)0, NORMAL));
    FAILS(EBADF, fd_advise(NO_FD, 0, 0, NORMAL));
    /* POSIX says SPIPE for a pipe; wasmtime has no file there. */
    for (fd_t std = 0; std < 3; std++) ONE_OF(EBADF, ESPIPE, SUCCESS, fd_advise(std, 0, 0, NORMAL));
    EQ(tell(fd), 3);
    FILE_IS("f", "abc");
}
