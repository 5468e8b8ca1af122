"""An open file: what a descriptor refers to. Offset, access, status flags and rights; the bytes are the inode's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fs.inode import Inode


class Status:
    """Status flags of an open file; they can be changed later (fcntl F_SETFL)."""

    APPEND = 1
    DSYNC = 2
    NONBLOCK = 4
    RSYNC = 8
    SYNC = 16
    CHANGEABLE = APPEND | NONBLOCK


class Rights:
    """What a descriptor may be used for, after CloudABI and Preview 1; enforced only where rights are strict."""

    FD_DATASYNC = 1 << 0
    FD_READ = 1 << 1
    FD_SEEK = 1 << 2
    FD_FDSTAT_SET_FLAGS = 1 << 3
    FD_SYNC = 1 << 4
    FD_TELL = 1 << 5
    FD_WRITE = 1 << 6
    FD_ADVISE = 1 << 7
    FD_ALLOCATE = 1 << 8
    PATH_CREATE_DIRECTORY = 1 << 9
    PATH_CREATE_FILE = 1 << 10
    PATH_LINK_SOURCE = 1 << 11
    PATH_LINK_TARGET = 1 << 12
    PATH_OPEN = 1 << 13
    FD_READDIR = 1 << 14
    PATH_READLINK = 1 << 15
    PATH_RENAME_SOURCE = 1 << 16
    PATH_RENAME_TARGET = 1 << 17
    PATH_FILESTAT_GET = 1 << 18
    PATH_FILESTAT_SET_SIZE = 1 << 19
    PATH_FILESTAT_SET_TIMES = 1 << 20
    FD_FILESTAT_GET = 1 << 21
    FD_FILESTAT_SET_SIZE = 1 << 22
    FD_FILESTAT_SET_TIMES = 1 << 23
    PATH_SYMLINK = 1 << 24
    PATH_REMOVE_DIRECTORY = 1 << 25
    PATH_UNLINK_FILE = 1 << 26
    POLL_FD_READWRITE = 1 << 27
    SOCK_SHUTDOWN = 1 << 28
    SOCK_ACCEPT = 1 << 29
    ALL = (1 << 30) - 1


class OpenFile:
    """`inode` with an offset in bytes. `preopen` is the name under which the process found it at its start."""

    __slots__ = ("inode", "offset", "readable", "writable", "status", "rights", "inheriting", "preopen")

    def __init__(
        self,
        inode: Inode,
        readable: bool,
        writable: bool,
        status: int = 0,
        rights: int = Rights.ALL,
        inheriting: int = Rights.ALL,
        preopen: bytes | None = None,
    ) -> None:
        self.inode = inode
        self.offset = 0
        self.readable = readable
        self.writable = writable
        self.status = status
        self.rights = rights
        self.inheriting = inheriting
        self.preopen = preopen

    def close(self) -> None:
        """The last descriptor is gone."""
        self.inode.closed(self.readable, self.writable)
