"""The file system in memory: regular files, directories, symbolic links, and special files put into directories.

A directory is a dict from name to (cookie, inode). Each new name gets the directory's next cookie and goes to the end of
the dict, so the dict is always in cookie order and a listing can go on from any cookie, whatever came or went meanwhile.
Cookies 0 and 1 are "." and ".."; entries count from 2.
"""

from __future__ import annotations

from bisect import bisect_left

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.content import SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import NAME_MAX, Directory, Entry, FileType, Inode, Stat, check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_COOKIE = 2
SYMLINK_MAX = 4095


class MemFile(Inode):
    """A regular file whose bytes are in memory."""

    __slots__ = ("content", "opens")

    type = FileType.REGULAR_FILE
    seekable = True

    def __init__(self, fs: FileSystem, number: int, now: int) -> None:
        super().__init__(fs, number, now)
        self.content: DenseContent | SparseContent = DenseContent()
        self.opens = 0

    @property
    def size(self) -> int:
        return self.content.size

    def stat(self) -> Stat:
        return Stat(
            self.fs.number, self.number, FileType.REGULAR_FILE, self.nlink, self.content.size,
            self.atime, self.mtime, self.ctime,
        )  # fmt: skip

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        if self.atime <= self.mtime:  # "relatime", as Linux mounts by default: the first read after a write counts
            self.atime = self.fs.clock.now()
        return self.content.read(offset, buffers)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        fs = self.fs
        wanted = len(buffers[0]) if len(buffers) == 1 else sum(map(len, buffers))
        if not wanted:
            return 0
        end = offset + wanted
        if end > fs.max_file_size:
            buffers = clipped(buffers, fs.max_file_size - offset)
        if self.content.shared:
            self.content = self.content.clone()
        if offset - self.content.stored() >= SPARSE_GAP:
            self._make_pages(offset)
        count = self.content.write(offset, buffers, fs)
        if not count:
            raise KernelError(Errno.NOSPC)
        self.mtime = self.ctime = fs.clock.now()
        return count

    def _make_pages(self, offset: int) -> None:
        """Before something is stored at `offset`: pages, if it leaves a big hole."""
        if self.content.would_be_sparse(offset) and isinstance(self.content, DenseContent):
            self.content = SparseContent.of(self.content, self.fs)

    def append(self, buffers: Sequence[memoryview]) -> int:
        return self.write_at(self.content.size, buffers)

    def truncate(self, size: int) -> None:
        if size > self.fs.max_file_size:
            raise KernelError(Errno.FBIG)
        if self.content.shared:
            self.content = self.content.clone()
        self.content.truncate(size, self.fs)
        self.mtime = self.ctime = self.fs.clock.now()

    def allocate(self, offset: int, length: int) -> None:
        end = offset + length
        if end > self.fs.max_file_size:
            raise KernelError(Errno.FBIG)
        if self.content.shared:
            self.content = self.content.clone()
        self._make_pages(offset)
        self.content.allocate(offset, end, self.fs)
        self.ctime = self.fs.clock.now()

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        if truncate:
            self.truncate(0)
        self.opens += 1
        return self

    def closed(self, read: bool, write: bool) -> None:
        self.opens -= 1
        self.release_if_unused()

    def release_if_unused(self) -> None:
        """Without names and descriptors a file gives its space back."""
        if not self.nlink and not self.opens and self.content.size:
            self.fs.used_bytes -= self.content.stored()
            self.content = DenseContent()


class MemSymlink(Inode):
    """A symbolic link; its size is the length of its target."""

    __slots__ = ("target",)

    type = FileType.SYMBOLIC_LINK

    def __init__(self, fs: FileSystem, number: int, now: int, target: bytes) -> None:
        super().__init__(fs, number, now)
        self.target = target

    @property
    def size(self) -> int:
        return len(self.target)

    def readlink(self) -> bytes:
        return self.target

    def stored(self) -> int:
        """Bytes that count against the quota."""
        return len(self.target)


class MemDirectory(Directory):
    """A directory in memory. Its link count is 2 plus its subdirectories; 0 when it has been removed."""

    __slots__ = ("parent", "names", "next_cookie", "listing", "mounted")

    def __init__(self, fs: FileSystem, number: int, now: int, parent: MemDirectory | None = None) -> None:
        super().__init__(fs, number, now)
        self.nlink = 2
        self.parent = self if parent is None else parent
        self.names: dict[bytes, tuple[int, Inode]] = {}
        self.next_cookie = FIRST_COOKIE
        self.listing: tuple[list[int], list[Entry]] | None = None
        self.mounted: Directory | None = None

    # Looking

    def quick(self, path: bytes) -> Inode | None:
        entry = self.names.get(path)
        return None if entry is None else entry[1]

    def find(self, name: bytes) -> Inode | None:
        entry = self.names.get(name)
        if entry is not None:
            return entry[1]
        if len(name) > NAME_MAX or 0 in name:
            check_name(name)
        return None

    def lookup(self, name: bytes) -> Inode:
        inode = self.find(name)
        if inode is None:
            raise KernelError(Errno.NOENT)
        return inode

    def entries(self, cookie: int, limit: int) -> list[Entry]:
        cookies, listed = self.listing or self._list()
        if self.atime <= self.mtime:
            self.atime = self.fs.clock.now()
        start = cookie if cookie < FIRST_COOKIE else bisect_left(cookies, cookie, FIRST_COOKIE)
        return listed[start : start + limit]

    def _list(self) -> tuple[list[int], list[Entry]]:
        """The listing in cookie order, kept until an entry comes or goes."""
        parent = self.parent
        listed = [
            Entry(1, self.number, b".", FileType.DIRECTORY),
            Entry(2, parent.number, b"..", FileType.DIRECTORY),
        ]
        listed += [Entry(at + 1, inode.number, name, inode.type) for name, (at, inode) in self.names.items()]
        cookies = [entry.cookie - 1 for entry in listed]
        self.listing = (cookies, listed)
        return self.listing

    # Changing

    def _add(self, name: bytes, inode: Inode) -> None:
        """Enter a new name, which must be free."""
        self.names[name] = (self.next_cookie, inode)
        self.next_cookie += 1
        self._changed()

    def _changed(self) -> None:
        if self.listing is not None:
            self.listing = None
        self.mtime = self.ctime = self.fs.clock.now()

    def _require_free(self, name: bytes) -> None:
        if name in self.names:
            raise KernelError(Errno.EXIST)
        check_name(name)
        if not self.nlink:  # removed, though somebody still has it open
            raise KernelError(Errno.NOENT)

    def create(self, name: bytes) -> MemFile:
        self._require_free(name)
        fs = self.fs
        file = MemFile(fs, fs.new_number(), fs.clock.now())
        file.nlink = 1
        self._add(name, file)
        return file

    def make_directory(self, name: bytes) -> MemDirectory:
        self._require_free(name)
        directory = MemDirectory(self.fs, self.fs.new_number(), self.fs.clock.now(), self)
        self._add(name, directory)
        self.nlink += 1
        return directory

    def symlink(self, name: bytes, target: bytes) -> None:
        self._require_free(name)
        if len(target) > SYMLINK_MAX:
            raise KernelError(Errno.NAMETOOLONG)
        fs = self.fs
        if fs.room(len(target)) < len(target):
            raise KernelError(Errno.NOSPC)
        link = self._new_symlink(target)
        link.nlink = 1
        fs.used_bytes += len(target)
        self._add(name, link)

    def _new_symlink(self, target: bytes) -> MemSymlink:
        return MemSymlink(self.fs, self.fs.new_number(), self.fs.clock.now(), target)

    def attach(self, name: bytes, inode: Inode) -> None:
        """Enter a special file or a mounted tree's place; for the kernel, when it lays out a world."""
        self._require_free(name)
        inode.nlink = 1
        self._add(name, inode)

    def link(self, name: bytes, inode: Inode) -> None:
        if inode.fs is not self.fs:
            raise KernelError(Errno.XDEV)
        if isinstance(inode, Directory):
            raise KernelError(Errno.PERM)
        self._require_free(name)
        inode.nlink += 1
        inode.ctime = self.fs.clock.now()
        self._add(name, inode)

    def unlink(self, name: bytes) -> None:
        inode = self.lookup(name)
        if isinstance(inode, Directory):
            raise KernelError(Errno.ISDIR)
        del self.names[name]
        self._changed()
        self._dropped(inode)

    def _dropped(self, inode: Inode) -> None:
        """A name of `inode` is gone."""
        inode.nlink -= 1
        inode.ctime = self.fs.clock.now()
        if not inode.nlink:
            inode.fs.used_inodes -= 1
            if isinstance(inode, MemFile):
                inode.release_if_unused()
            elif isinstance(inode, MemSymlink):
                inode.fs.used_bytes -= inode.stored()

    def remove_directory(self, name: bytes) -> None:
        directory = self.lookup(name)
        if not isinstance(directory, MemDirectory):
            raise KernelError(Errno.NOTDIR)
        if directory.mounted is not None:
            raise KernelError(Errno.BUSY)
        if not directory.is_empty():
            raise KernelError(Errno.NOTEMPTY)
        del self.names[name]
        self._changed()
        self.nlink -= 1
        self._directory_dropped(directory)

    def is_empty(self) -> bool:
        return not self.names

    def _directory_dropped(self, directory: MemDirectory) -> None:
        directory.nlink = 0
        directory.ctime = self.fs.clock.now()
        self.fs.used_inodes -= 1

    def rename(self, name: bytes, new_directory: Directory, new_name: bytes) -> None:
        inode = self.lookup(name)
        if new_directory.fs is not self.fs or not isinstance(new_directory, MemDirectory):
            raise KernelError(Errno.XDEV)
        old = new_directory.names.get(new_name, (0, None))[1]
        if old is None:
            new_directory._require_free(new_name)
        if isinstance(inode, MemDirectory):
            if inode.mounted is not None:
                raise KernelError(Errno.BUSY)
            if new_directory.is_below(inode):
                raise KernelError(Errno.INVAL)
            if old is inode:
                return
            if old is not None:
                if not isinstance(old, MemDirectory):
                    raise KernelError(Errno.NOTDIR)
                if old.mounted is not None:
                    raise KernelError(Errno.BUSY)
                if not old.is_empty():
                    raise KernelError(Errno.NOTEMPTY)
        elif isinstance(old, Directory):
            raise KernelError(Errno.ISDIR)
        if old is inode:  # two names of one file: POSIX leaves both
            return
        del self.names[name]
        self._changed()
        if old is None:
            new_directory._add(new_name, inode)
        else:  # the new name keeps its place in the listing
            new_directory.names[new_name] = (new_directory.names[new_name][0], inode)
            new_directory._changed()
            if isinstance(old, MemDirectory):
                new_directory.nlink -= 1
                new_directory._directory_dropped(old)
            else:
                new_directory._dropped(old)
        inode.ctime = self.fs.clock.now()
        if isinstance(inode, MemDirectory):
            self.nlink -= 1
            new_directory.nlink += 1
            inode.parent = new_directory
            inode.listing = None  # it shows the parent's number

    def is_below(self, other: Directory) -> bool:
        directory = self
        while directory is not other:
            if directory.parent is directory:
                return False
            directory = directory.parent
        return True


def clipped(buffers: Sequence[memoryview], limit: int) -> list[memoryview]:
    """As much of `buffers` as `limit` bytes; FBIG if that is nothing."""
    if limit <= 0:
        raise KernelError(Errno.FBIG)
    kept = []
    for view in buffers:
        kept.append(view[:limit])
        limit -= len(kept[-1])
    return kept
