"""The numbers of errors in the machine ABI: Linux' own for x86-64, so that no one has to learn others."""

from __future__ import annotations

NUMBERS = {
    "PERM": 1, "NOENT": 2, "SRCH": 3, "INTR": 4, "IO": 5, "NXIO": 6, "2BIG": 7, "NOEXEC": 8, "BADF": 9, "CHILD": 10,
    "AGAIN": 11, "NOMEM": 12, "ACCES": 13, "FAULT": 14, "BUSY": 16, "EXIST": 17, "XDEV": 18, "NODEV": 19, "NOTDIR": 20,
    "ISDIR": 21, "INVAL": 22, "NFILE": 23, "MFILE": 24, "NOTTY": 25, "TXTBSY": 26, "FBIG": 27, "NOSPC": 28, "SPIPE": 29,
    "ROFS": 30, "MLINK": 31, "PIPE": 32, "DOM": 33, "RANGE": 34, "DEADLK": 35, "NAMETOOLONG": 36, "NOLCK": 37,
    "NOSYS": 38, "NOTEMPTY": 39, "LOOP": 40, "NOMSG": 42, "IDRM": 43, "NOLINK": 67, "PROTO": 71, "MULTIHOP": 72,
    "BADMSG": 74, "OVERFLOW": 75, "ILSEQ": 84, "NOTSOCK": 88, "DESTADDRREQ": 89, "MSGSIZE": 90, "PROTOTYPE": 91,
    "NOPROTOOPT": 92, "PROTONOSUPPORT": 93, "NOTSUP": 95, "AFNOSUPPORT": 97, "ADDRINUSE": 98, "ADDRNOTAVAIL": 99,
    "NETDOWN": 100, "NETUNREACH": 101, "NETRESET": 102, "CONNABORTED": 103, "CONNRESET": 104, "NOBUFS": 105,
    "ISCONN": 106, "NOTCONN": 107, "TIMEDOUT": 110, "CONNREFUSED": 111, "HOSTUNREACH": 113, "ALREADY": 114,
    "INPROGRESS": 115, "STALE": 116, "DQUOT": 122, "CANCELED": 125, "OWNERDEAD": 130, "NOTRECOVERABLE": 131,
    "NOTCAPABLE": 200,
}  # fmt: skip
"""Every name of `kernel_sim.errors.Errno`. NOTCAPABLE, which Linux has not, is 200; 0 is success."""
