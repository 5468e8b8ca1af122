"""A process: the principal of every syscall. Arguments, environment, descriptors, rights, exit code: plain data."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import Rights

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fs.special import Stream

DEFAULT_MAX_FDS = 1024

_NOT_FOR_DIRECTORIES = Rights.FD_SEEK | Rights.FD_WRITE | Rights.FD_FILESTAT_SET_SIZE
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


def _shown(all_rights: int) -> dict[int, int]:
    """What a lenient descriptor shows, by the reading and writing rights that it was opened with."""
    no_read = all_rights & ~(Rights.FD_READ | Rights.FD_READDIR)
    return {
        0: no_read & ~Rights.FD_WRITE,
        Rights.FD_READ: all_rights & ~Rights.FD_WRITE,
        Rights.FD_WRITE: no_read,
        Rights.FD_READ | Rights.FD_WRITE: all_rights,
    }


SHOWN_FILE = _shown(Rights.ALL)
_SHOWN_DIRECTORY = _shown(Rights.ALL & ~_NOT_FOR_DIRECTORIES & ~Rights.PATH_FILESTAT_SET_SIZE)


class Process:
    """A running program. `strict` decides whether rights are enforced or only shown.

    `streams` are its standard streams, which /dev/stdin and its like lead to. `parked` is the host call that waits: (function
    name, lifted arguments, where results go), or None. `held` counts bytes that it makes its host keep outside its memory.
    """

    __slots__ = ("pid", "argv", "environ", "fds", "streams", "strict", "exit_code", "parked", "held")

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
        self.streams: list[Stream] = []
        self.strict = strict
        self.exit_code: int | None = None
        self.parked: tuple[str, tuple[object, ...], tuple[int, ...]] | None = None
        self.held = 0

    def granted(self, rights: int, inheriting: int, directory: bool, alters: bool) -> tuple[bool, bool, int, int]:
        """What opening with those rights gives: (read?, write?, rights, inheriting rights).

        Strict: what was asked for. Lenient: as a host opens a file, which must be for something: for reading unless only
        writing was asked for, and for writing also where opening `alters` it (creates or truncates). All rights are shown
        but the unusable.
        """
        if not self.strict:
            write = rights & Rights.FD_WRITE
            read = rights & Rights.FD_READ if write else Rights.FD_READ
            if directory:
                return read != 0, write != 0, _SHOWN_DIRECTORY[read | write], _SHOWN_DIRECTORY[read | write]
            if alters:
                write = Rights.FD_WRITE
            return read != 0, write != 0, SHOWN_FILE[read | write], SHOWN_FILE[read | write]
        read = rights & (Rights.FD_READ | Rights.FD_READDIR)
        write = rights & (Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE)
        return not write or read != 0, write != 0, rights & ~_NOT_FOR_DIRECTORIES if directory else rights, inheriting

    def stream(self, place: int) -> Stream:
        """The standard stream at that place; IO if the process has none."""
        if place >= len(self.streams):
            raise KernelError(Errno.IO)
        return self.streams[place]

    def close_all(self) -> None:
        """Close every descriptor, at the end of the process."""
        for fd in list(self.fds):
            self.fds.remove(fd).close()
