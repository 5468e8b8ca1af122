"""Where the outside world comes in: the protocols that devices implement.

A device takes and returns plain values (numbers, bytes, tuples), readiness included, so that one wrapper can record,
replay or break any of them. The kernel knows a device by the name under which it was attached (`Kernel.attach`);
whatever host resource stands behind it stays outside, so kernel state remains plain data. A device reports failure by
raising `KernelError`. This module holds only types: import it for checking, never at run time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

HostStat = tuple[str, int, int, int, int, int, int, int]
"""(file type of `FileType`, device, inode number, link count, size in bytes, atime, mtime, ctime in ns since 1970)."""


class ClockDevice(Protocol):
    """Time in nanoseconds. Clock ids are those of `kernel_sim.clock.ClockId`."""

    def read(self, clock: str) -> int:
        """The time that a guest sees; a virtual clock moves on a little with each reading."""

    def now(self) -> int:
        """Realtime for time stamps, without disturbing the clock."""

    def monotonic(self) -> int:
        """Monotonic time for deadlines, without disturbing the clock."""

    def resolution(self, clock: str) -> int:
        """The smallest step of that clock."""

    def sleep_until(self, deadline: int) -> None:
        """Let monotonic time reach `deadline`: a jump on a virtual clock, a sleep on a real one."""


class EntropyDevice(Protocol):
    """A source of random bytes."""

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""


class StreamDevice(Protocol):
    """A byte stream without offsets: a terminal, a pipe of the host, a buffer, a host connection."""

    terminal: bool
    """Does it look like a terminal to the guest?"""
    live: bool
    """Does readiness come from outside, so that waiting for it takes host time?"""

    def read(self, limit: int) -> bytes | None:
        """At most `limit` bytes; b"" at the end of the stream, None if nothing is there yet."""

    def write(self, data: memoryview) -> int | None:
        """How many bytes were taken (at least 1 unless `data` is empty); None if there is no room now.

        Raises KernelError PIPE when nobody reads any more.
        """

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """(ready, bytes known to be available or 0, hung up) for reading or for writing; ready also at the end."""

    def close(self) -> None:
        """The last descriptor is gone."""


class ListenerDevice(Protocol):
    """A listening stream socket of the host."""

    live: bool

    def accept(self) -> ConnectionDevice | None:
        """The next connection, or None if there is none yet."""

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """As of `StreamDevice`."""

    def close(self) -> None:
        """Stop listening."""


class ConnectionDevice(StreamDevice, Protocol):
    """A connected stream socket of the host: a stream whose directions can be shut separately, and peeked at."""

    def peek(self, limit: int) -> bytes | None:
        """As `read`, but the bytes stay."""

    def shutdown(self, read: bool, write: bool) -> None:
        """Shut one or both directions; NOTCONN if the peer is gone already."""


class WaitDevice(Protocol):
    """How the kernel waits for live devices when every process waits."""

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int]) -> bool:
        """Return when one of `devices` (name, for writing?) may be ready (True), or after `timeout` ns (None: never).

        A device in `least` need not wake anybody who reads before it has so many bytes.
        """


class DirectoryDevice(Protocol):
    """A directory tree of the host, reached only through directory handles, one component at a time.

    Handles are small numbers that the device gives out; names are single components (no "/", not "." or ".."). No
    operation follows a symbolic link in `name`: the kernel walks links itself, so nothing outside the tree is reached,
    whoever changes the tree meanwhile. Times are ns since 1970. Errors are KernelErrors with the host's errno by name.
    """

    root: int
    """The handle of the top directory; always valid."""

    def stat(self, directory: int, name: bytes) -> HostStat:
        """Attributes of an entry (of a link itself), or of the directory if `name` is empty."""

    def stat_file(self, file: int) -> HostStat:
        """Attributes of an open file."""

    def entries(self, directory: int) -> list[tuple[bytes, int, str]]:
        """(name, inode number, file type) of every entry but "." and "..", sorted by name: host order is arbitrary."""

    def open_directory(self, directory: int, name: bytes) -> int:
        """A handle for a subdirectory; NOTDIR if it is anything else, also a link. Refers to it even when renamed."""

    def open_file(
        self, directory: int, name: bytes, read: bool, write: bool, create: bool, exclusive: bool, truncate: bool
    ) -> int:
        """A handle for a file that isn't a directory; LOOP for a link, ISDIR for a directory. Never blocks on a FIFO.

        Only regular files open; anything else answers NOTSUP (a device or FIFO of the host is not for guests).
        """

    def read(self, file: int, offset: int, buffers: Sequence[memoryview]) -> int:
        """Read at `offset` into `buffers`, in order, until they are full or the file ends; the count."""

    def write(self, file: int, offset: int, buffers: Sequence[memoryview]) -> int:
        """Write all of `buffers` at `offset`; the count, smaller only when the host's disk is full in the middle."""

    def append(self, file: int, buffers: Sequence[memoryview]) -> int:
        """Write all of `buffers` at the end of the file, atomically as the host does it; the count."""

    def truncate(self, file: int, size: int) -> None:
        """Set the size."""

    def allocate(self, file: int, offset: int, length: int) -> None:
        """Make sure that the range is backed and the file is at least that long."""

    def sync(self, file: int, data_only: bool) -> None:
        """Flush to the disk."""

    def sync_directory(self, directory: int) -> None:
        """Flush a directory's entries to the disk."""

    def set_times(self, directory: int, name: bytes, atime: int | None, mtime: int | None) -> None:
        """Set times of an entry (of a link itself), or of the directory if `name` is empty; None leaves one alone."""

    def set_file_times(self, file: int, atime: int | None, mtime: int | None) -> None:
        """Set times of an open file; None leaves one alone."""

    def readlink(self, directory: int, name: bytes) -> bytes:
        """The target of a symbolic link; INVAL if it isn't one."""

    def symlink(self, directory: int, name: bytes, target: bytes) -> None:
        """Create a symbolic link."""

    def make_directory(self, directory: int, name: bytes) -> None:
        """Create a directory."""

    def remove_directory(self, directory: int, name: bytes) -> None:
        """Remove an empty directory."""

    def unlink(self, directory: int, name: bytes) -> None:
        """Remove an entry that isn't a directory (ISDIR, also where the host says PERM)."""

    def link(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        """Create a hard link to an entry (to a link itself)."""

    def rename(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        """Rename, atomically, also over an existing entry."""

    def close(self, handle: int) -> None:
        """Give a handle back; the root's stays open."""
