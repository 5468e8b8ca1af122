"""Files of the host: an entry of a directory as a lookup found it, and a regular file that is open.

An entry is a place (directory and name) and the attributes that the host answered with; it holds nothing of the host.
Opening it makes the object that reads and writes, which holds the device's handle until the last descriptor is gone.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType, Inode, Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.devices import HostStat
    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.fs.hostfs import HostDirectory, HostFileSystem


class HostEntry(Inode):
    """An entry of a host directory, as it was when it was looked up; `name` is None when it has lost it."""

    __slots__ = ("parent", "name", "found")

    fs: HostFileSystem

    def __init__(self, fs: HostFileSystem, found: HostStat, parent: HostDirectory, name: bytes | None) -> None:
        self.fs = fs
        self.number = found[2]
        self.nlink = found[3]
        self.atime, self.mtime, self.ctime = found[5:8]
        self.parent = parent
        self.name = name
        self.found = found

    @property
    def type(self) -> str:  # type: ignore[override]  # a class attribute elsewhere; here the host decides
        return self.found[0]

    @property
    def size(self) -> int:
        return self.found[4]

    @property
    def identity(self) -> tuple[int, int]:
        """The host's device and inode numbers."""
        return self.found[1:3]

    def stat(self) -> Stat:
        return as_stat(self.fs, self.found)

    def path(self) -> list[bytes] | None:
        """The names that lead here from the top of the mount; None if it has no name any more."""
        if self.name is None:
            return None
        above = self.parent.path()
        return None if above is None else [*above, self.name]

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        device = self.fs.devices[self.fs.name]
        device.set_times(self.parent.opened_handle(), self._named(), atime, mtime)

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        fs = self.fs
        device = fs.devices[fs.name]
        handle = device.open_file(self.parent.opened_handle(), self._named(), read, write, False, False, truncate)
        return HostOpenFile(fs, handle, self.parent, self._named(), read, write).opened(read, write, truncate)

    def readlink(self) -> bytes:
        return self.fs.devices[self.fs.name].readlink(self.parent.opened_handle(), self._named())

    def _named(self) -> bytes:
        if self.name is None:
            raise KernelError(Errno.NOENT)
        return self.name


class HostOpenFile(Inode):
    """A regular file of the host that is open: `handle` is the device's, given back with the last descriptor.

    `read` and `write` say how it was opened, for a snapshot that has to open it again.
    """

    __slots__ = ("handle", "parent", "name", "read", "write", "opens")

    type = FileType.REGULAR_FILE
    seekable = True
    fs: HostFileSystem

    def __init__(
        self, fs: HostFileSystem, handle: int, parent: HostDirectory, name: bytes | None, read: bool, write: bool
    ) -> None:
        self.fs = fs
        self.handle: int | None = handle
        self.parent = parent
        self.name = name
        self.read = read
        self.write = write
        self.opens = 0
        fs.open_files[handle] = self

    @property
    def number(self) -> int:  # type: ignore[override]  # asked for rarely, so the host is
        return self._found()[2]

    @property
    def size(self) -> int:
        return self._found()[4]

    def _found(self) -> HostStat:
        return self.fs.devices[self.fs.name].stat_file(self._open())

    def _open(self) -> int:
        if self.handle is None:
            raise KernelError(Errno.BADF)
        return self.handle

    def stat(self) -> Stat:
        return as_stat(self.fs, self._found())

    def path(self) -> list[bytes] | None:
        """The names that lead here from the top of the mount; None if it has no name any more."""
        above = self.parent.path()
        return None if above is None or self.name is None else [*above, self.name]

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        self.fs.devices[self.fs.name].set_file_times(self._open(), atime, mtime)

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        return self.fs.devices[self.fs.name].read(self._open(), offset, buffers)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        return self.fs.devices[self.fs.name].write(self._open(), offset, buffers)

    def append(self, buffers: Sequence[memoryview]) -> int:
        return self.fs.devices[self.fs.name].append(self._open(), buffers)

    def truncate(self, size: int) -> None:
        self.fs.devices[self.fs.name].truncate(self._open(), size)

    def allocate(self, offset: int, length: int) -> None:
        self.fs.devices[self.fs.name].allocate(self._open(), offset, length)

    def sync(self, data_only: bool) -> None:
        self.fs.devices[self.fs.name].sync(self._open(), data_only)

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        self.opens += 1
        return self

    def closed(self, read: bool, write: bool) -> None:
        self.opens -= 1
        if not self.opens:
            self._give_back()

    def _give_back(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            self.fs.open_files.pop(handle, None)
            self.fs.devices[self.fs.name].close(handle)

    def __del__(self) -> None:
        """A file that was created, but for which there was no descriptor left."""
        if not hasattr(self, "handle"):  # something was raised while it was made
            return
        try:
            self._give_back()
        except KernelError:  # a late error that nobody is left to hear, or the device is gone with all its handles
            return


def as_stat(fs: FileSystem, found: HostStat) -> Stat:
    """The host's attributes, with the mount's number as the device."""
    kind, _, inode, nlink, size, atime, mtime, ctime = found
    return Stat(fs.number, inode, kind, nlink, size, atime, mtime, ctime)
