"""What can go wrong in the kernel, and the few exceptions that carry it.

Three outcomes of a syscall besides success, one class each: `KernelError` (the guest is told), `WouldBlock` (the guest
waits, the scheduler decides) and `ProcessExit` (the guest is over). Any other exception is a bug of ours and is never
swallowed. Error names have no numbers here: each ABI owns an exhaustive map of its own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.wait import Wait


class Errno:
    """The names of errors, after POSIX; NOTCAPABLE is CloudABI's: a right is missing."""

    TOOBIG = "2BIG"
    ACCES = "ACCES"
    ADDRINUSE = "ADDRINUSE"
    ADDRNOTAVAIL = "ADDRNOTAVAIL"
    AFNOSUPPORT = "AFNOSUPPORT"
    AGAIN = "AGAIN"
    ALREADY = "ALREADY"
    BADF = "BADF"
    BADMSG = "BADMSG"
    BUSY = "BUSY"
    CANCELED = "CANCELED"
    CHILD = "CHILD"
    CONNABORTED = "CONNABORTED"
    CONNREFUSED = "CONNREFUSED"
    CONNRESET = "CONNRESET"
    DEADLK = "DEADLK"
    DESTADDRREQ = "DESTADDRREQ"
    DOM = "DOM"
    DQUOT = "DQUOT"
    EXIST = "EXIST"
    FAULT = "FAULT"
    FBIG = "FBIG"
    HOSTUNREACH = "HOSTUNREACH"
    IDRM = "IDRM"
    ILSEQ = "ILSEQ"
    INPROGRESS = "INPROGRESS"
    INTR = "INTR"
    INVAL = "INVAL"
    IO = "IO"
    ISCONN = "ISCONN"
    ISDIR = "ISDIR"
    LOOP = "LOOP"
    MFILE = "MFILE"
    MLINK = "MLINK"
    MSGSIZE = "MSGSIZE"
    MULTIHOP = "MULTIHOP"
    NAMETOOLONG = "NAMETOOLONG"
    NETDOWN = "NETDOWN"
    NETRESET = "NETRESET"
    NETUNREACH = "NETUNREACH"
    NFILE = "NFILE"
    NOBUFS = "NOBUFS"
    NODEV = "NODEV"
    NOENT = "NOENT"
    NOEXEC = "NOEXEC"
    NOLCK = "NOLCK"
    NOLINK = "NOLINK"
    NOMEM = "NOMEM"
    NOMSG = "NOMSG"
    NOPROTOOPT = "NOPROTOOPT"
    NOSPC = "NOSPC"
    NOSYS = "NOSYS"
    NOTCONN = "NOTCONN"
    NOTDIR = "NOTDIR"
    NOTEMPTY = "NOTEMPTY"
    NOTRECOVERABLE = "NOTRECOVERABLE"
    NOTSOCK = "NOTSOCK"
    NOTSUP = "NOTSUP"
    NOTTY = "NOTTY"
    NXIO = "NXIO"
    OVERFLOW = "OVERFLOW"
    OWNERDEAD = "OWNERDEAD"
    PERM = "PERM"
    PIPE = "PIPE"
    PROTO = "PROTO"
    PROTONOSUPPORT = "PROTONOSUPPORT"
    PROTOTYPE = "PROTOTYPE"
    RANGE = "RANGE"
    ROFS = "ROFS"
    SPIPE = "SPIPE"
    SRCH = "SRCH"
    STALE = "STALE"
    TIMEDOUT = "TIMEDOUT"
    TXTBSY = "TXTBSY"
    XDEV = "XDEV"
    NOTCAPABLE = "NOTCAPABLE"


def errno_names() -> tuple[str, ...]:
    """Every error name, in the order of `Errno`; the maps of the ABIs are tested against it."""
    return tuple(value for key, value in vars(Errno).items() if not key.startswith("_"))


class KernelError(Exception):
    """A syscall failed; the guest sees `errno`, one of the names in `Errno`: what it is made with.

    Some guests meet one in every second call, so to make one runs no code of ours.
    """

    __slots__ = ()

    @property
    def errno(self) -> str:
        """The error's name. Where every call comes by, `args[0]` is the quick way to it."""
        return str(self.args[0])


class WouldBlock(Exception):
    """A syscall can't finish now and has changed nothing; start it again when `wait` is over."""

    def __init__(self, wait: Wait) -> None:
        self.wait = wait


class ProcessExit(BaseException):
    """The process ends with `code`. Not an `Exception`: nothing on the way may handle it."""

    def __init__(self, code: int) -> None:
        self.code = code


class LimitReached(BaseException):
    """A limit of the world was reached and the guest must stop: `name` says which, `limit` how much was allowed.

    Not an `Exception`: a guest gets no chance to go on.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit

    def __str__(self) -> str:
        return f"the {self.name} limit of {self.limit} was reached"


class Deadlock(Exception):
    """Every process waits for something that no process, device or clock can bring about."""
