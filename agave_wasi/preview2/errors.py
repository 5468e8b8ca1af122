"""The error codes of Preview 2: exhaustive maps from the kernel's names, without a default."""

from __future__ import annotations

FILESYSTEM = {
    "2BIG": "invalid", "ACCES": "access", "ADDRINUSE": "io", "ADDRNOTAVAIL": "io", "AFNOSUPPORT": "unsupported",
    "AGAIN": "would-block", "ALREADY": "already", "BADF": "bad-descriptor", "BADMSG": "io", "BUSY": "busy",
    "CANCELED": "interrupted", "CHILD": "invalid", "CONNABORTED": "io", "CONNREFUSED": "io", "CONNRESET": "io",
    "DEADLK": "deadlock", "DESTADDRREQ": "invalid", "DOM": "invalid", "DQUOT": "quota", "EXIST": "exist",
    "FAULT": "invalid", "FBIG": "file-too-large", "HOSTUNREACH": "io", "IDRM": "io", "ILSEQ": "illegal-byte-sequence",
    "INPROGRESS": "in-progress", "INTR": "interrupted", "INVAL": "invalid", "IO": "io", "ISCONN": "invalid",
    "ISDIR": "is-directory", "LOOP": "loop", "MFILE": "insufficient-memory", "MLINK": "too-many-links",
    "MSGSIZE": "message-size", "MULTIHOP": "io", "NAMETOOLONG": "name-too-long", "NETDOWN": "io", "NETRESET": "io",
    "NETUNREACH": "io", "NFILE": "insufficient-memory", "NOBUFS": "insufficient-memory", "NODEV": "no-device",
    "NOENT": "no-entry", "NOEXEC": "invalid", "NOLCK": "no-lock", "NOLINK": "io", "NOMEM": "insufficient-memory",
    "NOMSG": "io", "NOPROTOOPT": "unsupported", "NOSPC": "insufficient-space", "NOSYS": "unsupported", "NOTCONN": "invalid",
    "NOTDIR": "not-directory", "NOTEMPTY": "not-empty", "NOTRECOVERABLE": "not-recoverable", "NOTSOCK": "bad-descriptor",
    "NOTSUP": "unsupported", "NOTTY": "no-tty", "NXIO": "no-such-device", "OVERFLOW": "overflow",
    "OWNERDEAD": "not-recoverable", "PERM": "not-permitted", "PIPE": "pipe", "PROTO": "io", "PROTONOSUPPORT": "unsupported",
    "PROTOTYPE": "unsupported", "RANGE": "overflow", "ROFS": "read-only", "SPIPE": "invalid-seek", "SRCH": "invalid",
    "STALE": "io", "TIMEDOUT": "io", "TXTBSY": "text-file-busy", "XDEV": "cross-device", "NOTCAPABLE": "not-permitted",
}  # fmt: skip
"""The kernel's name of an error -> error-code of wasi:filesystem/types."""

NETWORK = {
    "2BIG": "invalid-argument", "ACCES": "access-denied", "ADDRINUSE": "address-in-use", "ADDRNOTAVAIL": "address-not-bindable",
    "AFNOSUPPORT": "not-supported", "AGAIN": "would-block", "ALREADY": "concurrency-conflict", "BADF": "invalid-state",
    "BADMSG": "unknown", "BUSY": "concurrency-conflict", "CANCELED": "unknown", "CHILD": "unknown",
    "CONNABORTED": "connection-aborted", "CONNREFUSED": "connection-refused", "CONNRESET": "connection-reset",
    "DEADLK": "unknown", "DESTADDRREQ": "invalid-argument", "DOM": "invalid-argument", "DQUOT": "unknown",
    "EXIST": "unknown", "FAULT": "invalid-argument", "FBIG": "unknown", "HOSTUNREACH": "remote-unreachable",
    "IDRM": "unknown", "ILSEQ": "invalid-argument", "INPROGRESS": "concurrency-conflict", "INTR": "unknown",
    "INVAL": "invalid-argument", "IO": "unknown", "ISCONN": "invalid-state", "ISDIR": "unknown", "LOOP": "unknown",
    "MFILE": "new-socket-limit", "MLINK": "unknown", "MSGSIZE": "datagram-too-large", "MULTIHOP": "remote-unreachable",
    "NAMETOOLONG": "invalid-argument", "NETDOWN": "remote-unreachable", "NETRESET": "remote-unreachable",
    "NETUNREACH": "remote-unreachable", "NFILE": "new-socket-limit", "NOBUFS": "out-of-memory", "NODEV": "unknown",
    "NOENT": "unknown", "NOEXEC": "unknown", "NOLCK": "unknown", "NOLINK": "remote-unreachable", "NOMEM": "out-of-memory",
    "NOMSG": "unknown", "NOPROTOOPT": "not-supported", "NOSPC": "unknown", "NOSYS": "not-supported",
    "NOTCONN": "invalid-state", "NOTDIR": "unknown", "NOTEMPTY": "unknown", "NOTRECOVERABLE": "unknown",
    "NOTSOCK": "invalid-state", "NOTSUP": "not-supported", "NOTTY": "unknown", "NXIO": "unknown", "OVERFLOW": "unknown",
    "OWNERDEAD": "unknown", "PERM": "access-denied", "PIPE": "connection-reset", "PROTO": "unknown",
    "PROTONOSUPPORT": "not-supported", "PROTOTYPE": "not-supported", "RANGE": "invalid-argument", "ROFS": "access-denied",
    "SPIPE": "unknown", "SRCH": "unknown", "STALE": "unknown", "TIMEDOUT": "timeout", "TXTBSY": "unknown",
    "XDEV": "unknown", "NOTCAPABLE": "access-denied",
}  # fmt: skip
"""The kernel's name of an error -> error-code of wasi:sockets/network."""
