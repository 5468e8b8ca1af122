"""A process: the principal of every syscall. Arguments, environment, descriptors, rights, exit code: plain data."""

from __future__ import annotations

from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import Rights

DEFAULT_MAX_FDS = 1024

_NOT_FOR_DIRECTORIES = (
    Rights.FD_SEEK | Rights.FD_WRITE | Rights.FD_FILESTAT_SET_SIZE | Rights.PATH_FILESTAT_SET_SIZE
)
PREOPEN_RIGHTS = (
    Rights.PATH_CREATE_DIRECTORY | Rights.PATH_CREATE_FILE | Rights.PATH_LINK_SOURCE | Rights.PATH_LINK_TARGET
    | Rights.PATH_OPEN | Rights.FD_READDIR | Rights.PATH_READLINK | Rights.PATH_RENAME_SOURCE
    | Rights.PATH_RENAME_TARGET | Rights.PATH_SYMLINK | Rights.PATH_REMOVE_DIRECTORY | Rights.PATH_UNLINK_FILE
    | Rights.PATH_FILESTAT_GET | Rights.PATH_FILESTAT_SET_TIMES | Rights.FD_FILESTAT_GET
    | Rights.FD_FILESTAT_SET_TIMES
)  # fmt: skip
PREOPEN_INHERITING = (
    PREOPEN_RIGHTS | Rights.FD_DATASYNC | Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FDSTAT_SET_FLAGS
    | Rights.FD_SYNC | Rights.FD_TELL | Rights.FD_WRITE | Rights.FD_ADVISE | Rights.FD_ALLOCATE
    | Rights.FD_FILESTAT_SET_SIZE | Rights.POLL_FD_READWRITE
)  # fmt: skip
"""What a preopened directory shows, and hands on, where rights are lenient: as wasmtime has it."""
STRICT_PREOPEN_RIGHTS = PREOPEN_RIGHTS | Rights.PATH_FILESTAT_SET_SIZE | Rights.FD_SYNC | Rights.FD_DATASYNC
STRICT_PREOPEN_INHERITING = Rights.ALL


class Process:
    """A running program. `strict` decides whether rights are enforced or only shown.

    `parked` is the host call that waits: (function name, lifted arguments, where results go), or None.
    """

    __slots__ = ("pid", "argv", "environ", "fds", "strict", "exit_code", "parked")

    def __init__(
        self,
        pid: int,
        argv: list[bytes],
        environ: list[bytes],
        max_fds: int = DEFAULT_MAX_FDS,
        strict: bool = False,
    ) -> None:
        self.pid = pid
        self.argv = argv
        self.environ = environ
        self.fds = FdTable(max_fds)
        self.strict = strict
        self.exit_code: int | None = None
        self.parked: tuple[str, tuple[object, ...], tuple[int, ...]] | None = None

    @property
    def write_rights(self) -> int:
        """Which rights mean that a file is opened for writing."""
        if self.strict:
            return Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE
        return Rights.FD_WRITE

    def granted(self, rights: int, inheriting: int, directory: bool) -> tuple[int, int]:
        """The rights of a descriptor that was opened with those: as asked for, or (lenient) all but the unusable."""
        if self.strict:
            return (rights & ~_NOT_FOR_DIRECTORIES if directory else rights), inheriting
        shown = Rights.ALL
        if directory:
            shown &= ~_NOT_FOR_DIRECTORIES
        if not rights & Rights.FD_READ:
            shown &= ~(Rights.FD_READ | Rights.FD_READDIR)
        if not rights & Rights.FD_WRITE:
            shown &= ~Rights.FD_WRITE
        return shown, shown

    def close_all(self) -> None:
        """Close every descriptor, at the end of the process."""
        for fd in list(self.fds):
            self.fds.remove(fd).close()
