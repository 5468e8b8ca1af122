/* Every errno has the standard's number: a disk that fails in each way that there is ("unlink.XDEV"), and the guest is told. */
#include "../preview1/check.h"

enum { DISK = 4 };

static const char names[] =
    "2BIG\0ACCES\0ADDRINUSE\0ADDRNOTAVAIL\0AFNOSUPPORT\0AGAIN\0ALREADY\0BADF\0BADMSG\0BUSY\0CANCELED\0CHILD\0"
    "CONNABORTED\0CONNREFUSED\0CONNRESET\0DEADLK\0DESTADDRREQ\0DOM\0DQUOT\0EXIST\0FAULT\0FBIG\0HOSTUNREACH\0IDRM\0"
    "ILSEQ\0INPROGRESS\0INTR\0INVAL\0IO\0ISCONN\0ISDIR\0LOOP\0MFILE\0MLINK\0MSGSIZE\0MULTIHOP\0NAMETOOLONG\0NETDOWN\0"
    "NETRESET\0NETUNREACH\0NFILE\0NOBUFS\0NODEV\0NOENT\0NOEXEC\0NOLCK\0NOLINK\0NOMEM\0NOMSG\0NOPROTOOPT\0NOSPC\0NOSYS\0"
    "NOTCONN\0NOTDIR\0NOTEMPTY\0NOTRECOVERABLE\0NOTSOCK\0NOTSUP\0NOTTY\0NXIO\0OVERFLOW\0OWNERDEAD\0PERM\0PIPE\0PROTO\0"
    "PROTONOSUPPORT\0PROTOTYPE\0RANGE\0ROFS\0SPIPE\0SRCH\0STALE\0TIMEDOUT\0TXTBSY\0XDEV\0NOTCAPABLE\0";

static void test(void) {
    int number = 0;
    for (const char *name = names; *name; name += length_of(name) + 1) {
        char path[32] = "unlink.";
        memcpy(path + 7, name, length_of(name) + 1);
        fd_t fd = NO_FD;
        OK(path_open(DISK, 0, NAMED(path), O_CREAT, RW, grantable, 0, &fd));
        OK(fd_close(fd));
        number++;
        FAILS(number, path_unlink_file(DISK, NAMED(path)));
    }
    EQ(number, ENOTCAPABLE);
}
