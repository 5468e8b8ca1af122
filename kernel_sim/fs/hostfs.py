"""A directory tree of the host as a file system: what is read and written is the host's own.

Nothing of the tree is kept here but what is in use. A lookup asks the host and makes an object that knows its place
(directory and name); a directory's handle is opened when it is first needed and given back when the object is no
longer referenced, a file's while it is open. Handles of directories that no descriptor holds are only borrowed:
beyond MAX_HANDLES the oldest is given back early, and opened again, by way of the directory above, if it is needed
once more.

The device never follows a link, so an entry that another program swaps for one in the middle of a walk is an error
and no way out. A handle that had to be opened again must lead to the same directory as before, or it is NOENT.
"""

from __future__ import annotations

from bisect import bisect_left
from weakref import WeakValueDictionary

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.hostfile import HostEntry, HostOpenFile, as_stat
from kernel_sim.fs.inode import Directory, Entry, FileType, Inode, Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.devices import ClockDevice, DirectoryDevice, HostStat

MAX_HANDLES = 128
"""Directory handles that may be open at a time, besides those that descriptors hold."""
FIRST_COOKIE = 2


class HostFileSystem(FileSystem):
    """The tree behind the attached device `name`. What is open is kept by handle, to be told when it moves.

    `generation` counts the changes made through here, so that a listing knows when it is out of date.
    """

    __slots__ = ("devices", "name", "generation", "open_directories", "open_files")

    def __init__(
        self, number: int, clock: ClockDevice, devices: dict[str, DirectoryDevice], name: str, writable: bool = True
    ) -> None:
        super().__init__(number, clock, writable)
        self.devices = devices
        self.name = name
        self.generation = 0
        self.open_directories: WeakValueDictionary[tuple[int, int], HostDirectory] = WeakValueDictionary()
        self.open_files: WeakValueDictionary[int, HostOpenFile] = WeakValueDictionary()

    def top(self) -> HostDirectory:
        """The directory at the top."""
        device = self.devices[self.name]
        top = HostDirectory(self, device.stat(device.root, b""), None, b"")
        top.handle = device.root
        top.pins = 1
        self.open_directories[top.identity] = top
        return top

    def make_room(self) -> None:
        """Before a handle is opened: give back the oldest that are only borrowed, if there are too many."""
        if len(self.open_directories) >= MAX_HANDLES:
            borrowed = [each for each in self.open_directories.values() if not each.pins]
            for directory in borrowed[: max(0, len(borrowed) - MAX_HANDLES + 1)]:
                directory.give_back()

    def moved(self, directory: HostDirectory, name: bytes, new: HostDirectory | None, new_name: bytes | None) -> None:
        """What was called `name` is now called `new_name`, or nothing; open objects remember where they are."""
        self.generation += 1
        here: list[HostDirectory | HostOpenFile] = [*self.open_directories.values(), *self.open_files.values()]
        for each in here:
            if each.parent is directory and each.name == name:
                each.parent = new or each.parent
                each.name = new_name


class HostDirectory(Directory):
    """A directory of the host. `found` is what the lookup saw; `handle` is the device's once it is needed.

    `identity` (the host's device and inode numbers) is known from the first opening on. `pins` counts who needs the
    handle to stay: descriptors, mostly. `cookies` numbers the names that a listing has shown, in ascending order.
    """

    __slots__ = (
        "parent", "name", "found", "handle", "identity", "pins", "cookies", "next_cookie", "listing", "generation",
    )  # fmt: skip

    fs: HostFileSystem

    def __init__(
        self, fs: HostFileSystem, found: HostStat, parent: HostDirectory | None, name: bytes | None
    ) -> None:
        self.fs = fs
        self.number = found[2]
        self.nlink = found[3]
        self.atime, self.mtime, self.ctime = found[5:8]
        self.parent: Directory = self if parent is None else parent
        self.name = name
        self.found = found
        self.handle: int | None = None
        self.identity: tuple[int, int] = (found[1], found[2]) if parent is None else (0, 0)
        self.pins = 0
        self.cookies: dict[bytes, int] = {}
        self.next_cookie = FIRST_COOKIE
        self.listing: tuple[list[int], list[Entry]] | None = None
        self.generation = 0

    # Handles

    def opened_handle(self) -> int:
        """The device's handle, opened if it isn't."""
        if self.handle is not None:
            return self.handle
        below: list[HostDirectory] = []
        directory = self
        while directory.handle is None:
            below.append(directory)
            above = directory.parent
            assert isinstance(above, HostDirectory)  # the top has a handle
            directory = above
        for each in reversed(below):
            with _Pinned(directory):
                handle = each._open(directory)
            directory = each
        return handle

    def _open(self, above: HostDirectory) -> int:
        fs = self.fs
        if self.name is None:
            raise KernelError(Errno.NOENT)
        fs.make_room()
        device = fs.devices[fs.name]
        assert above.handle is not None
        handle = device.open_directory(above.handle, self.name)
        found = device.stat(handle, b"")
        identity = found[1], found[2]
        if self.identity not in ((0, 0), identity):  # another directory has taken the name
            device.close(handle)
            raise KernelError(Errno.NOENT)
        self.handle = handle
        self.identity = identity
        self.number = found[2]
        fs.open_directories[identity] = self
        return handle

    def give_back(self) -> None:
        """Close the handle for now."""
        handle, self.handle = self.handle, None
        if handle is not None:
            fs = self.fs
            if fs.open_directories.get(self.identity) is self:
                del fs.open_directories[self.identity]
            fs.devices[fs.name].close(handle)

    def __del__(self) -> None:
        if not hasattr(self, "handle"):  # something was raised while it was made
            return
        try:
            self.give_back()
        except KernelError:  # the device is gone, and with it all its handles
            return

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        self.opened_handle()
        self.pins += 1
        return self

    def closed(self, read: bool, write: bool) -> None:
        self.pins -= 1

    def path(self) -> list[bytes] | None:
        """The names that lead here from the top of the mount; None if one of them is gone."""
        names: list[bytes] = []
        directory = self
        while directory.name:
            names.append(directory.name)
            above = directory.parent
            assert isinstance(above, HostDirectory)
            directory = above
        return None if directory.name is None else names[::-1]

    # Looking

    def stat(self) -> Stat:
        if self.handle is None:
            return as_stat(self.fs, self.found)
        return as_stat(self.fs, self.fs.devices[self.fs.name].stat(self.handle, b""))

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        self.fs.devices[self.fs.name].set_times(self.opened_handle(), b"", atime, mtime)

    def sync(self, data_only: bool) -> None:
        self.fs.devices[self.fs.name].sync_directory(self.opened_handle())

    def lookup(self, name: bytes) -> Inode:
        fs = self.fs
        found = fs.devices[fs.name].stat(self.opened_handle(), name)
        if found[0] != FileType.DIRECTORY:
            return HostEntry(fs, found, self, name)
        known = fs.open_directories.get((found[1], found[2]))
        if known is not None and known.parent is self and known.name == name:  # not by another way, as of a bind mount
            return known
        return HostDirectory(fs, found, self, name)

    def quick(self, path: bytes) -> Inode | None:
        if b"/" in path or path in (b"", b".", b".."):
            return None
        try:
            return self.lookup(path)
        except KernelError:  # the walk will find out again what is wrong
            return None

    def entries(self, cookie: int, limit: int) -> list[Entry]:
        if not cookie or self.listing is None or self.generation != self.fs.generation:
            self.listing = self._list()
        cookies, listed = self.listing
        start = cookie if cookie < FIRST_COOKIE else bisect_left(cookies, cookie, FIRST_COOKIE)
        return listed[start : start + limit]

    def _list(self) -> tuple[list[int], list[Entry]]:
        """Ask the host again; names that were there before keep their cookies."""
        fs = self.fs
        found = {name: (number, type) for name, number, type in fs.devices[fs.name].entries(self.opened_handle())}
        self.generation = fs.generation
        cookies = {name: at for name, at in self.cookies.items() if name in found}
        for name in found:
            if name not in cookies:
                cookies[name] = self.next_cookie
                self.next_cookie += 1
        self.cookies = cookies
        listed = [
            Entry(1, self.number, b".", FileType.DIRECTORY),
            Entry(2, self.parent.number, b"..", FileType.DIRECTORY),
        ]
        listed += [Entry(at + 1, found[name][0], name, found[name][1]) for name, at in cookies.items()]
        return [entry.cookie - 1 for entry in listed], listed

    # Changing

    def create(self, name: bytes) -> Inode:
        fs = self.fs
        handle = fs.devices[fs.name].open_file(self.opened_handle(), name, True, True, True, True, False)
        fs.generation += 1
        return HostOpenFile(fs, handle, self, name, True, True)

    def make_directory(self, name: bytes) -> Directory:
        fs = self.fs
        fs.devices[fs.name].make_directory(self.opened_handle(), name)
        fs.generation += 1
        made = self.lookup(name)
        if not isinstance(made, HostDirectory):  # somebody has already put something else there
            raise KernelError(Errno.NOTDIR)
        return made

    def symlink(self, name: bytes, target: bytes) -> None:
        self.fs.devices[self.fs.name].symlink(self.opened_handle(), name, target)
        self.fs.generation += 1

    def link(self, name: bytes, inode: Inode) -> None:
        fs = self.fs
        if inode.fs is not fs or not isinstance(inode, HostEntry):
            raise KernelError(Errno.XDEV)
        with _Pinned(self), _Pinned(inode.parent):
            fs.devices[fs.name].link(inode.parent.opened_handle(), inode._named(), self.opened_handle(), name)
        fs.generation += 1

    def unlink(self, name: bytes) -> None:
        self.fs.devices[self.fs.name].unlink(self.opened_handle(), name)
        self.fs.moved(self, name, None, None)

    def remove_directory(self, name: bytes) -> None:
        self.fs.devices[self.fs.name].remove_directory(self.opened_handle(), name)
        self.fs.moved(self, name, None, None)

    def rename(self, name: bytes, new_directory: Directory, new_name: bytes) -> None:
        fs = self.fs
        if new_directory.fs is not fs or not isinstance(new_directory, HostDirectory):
            raise KernelError(Errno.XDEV)
        device = fs.devices[fs.name]
        with _Pinned(self), _Pinned(new_directory):
            handle, new_handle = self.opened_handle(), new_directory.opened_handle()
            before = device.stat(handle, name)
            device.rename(handle, name, new_handle, new_name)
            if self is new_directory and name == new_name:
                return
            if _entry(device, handle, name) == before[1:3]:  # two names of one file: both stay
                return
        fs.moved(new_directory, new_name, None, None)  # what was there before
        fs.moved(self, name, new_directory, new_name)


    def is_below(self, other: Directory) -> bool:
        """Is this directory `other`, or inside it, as far as is known here? The host decides on what it does itself."""
        directory: Directory = self
        while directory is not other:
            above = directory.parent if isinstance(directory, HostDirectory) else directory
            if above is directory:
                return False
            directory = above
        return True


class _Pinned:
    """While two directories are needed at once, opening one must not give back the other."""

    __slots__ = ("directory",)

    def __init__(self, directory: HostDirectory) -> None:
        self.directory = directory

    def __enter__(self) -> None:
        self.directory.pins += 1

    def __exit__(self, *_: object) -> None:
        self.directory.pins -= 1


def _entry(device: DirectoryDevice, handle: int, name: bytes) -> tuple[int, int] | None:
    """The host's device and inode numbers of an entry, None if there is none."""
    try:
        found = device.stat(handle, name)
    except KernelError:
        return None
    return found[1], found[2]


__all__ = ["HostDirectory", "HostEntry", "HostFileSystem", "HostOpenFile"]
