"""How each kind of inode is kept: what it refers to, what is written, and how it comes back.

Every kind here, in `.streams`, and all but the first three in `.outside` begin with the same numbers: file system, naturals
number and nlink, integers atime, mtime, ctime. Then, by kind:

    1 file          natural descriptors; flag sparse; dense: octets stored, natural size; sparse: natural size, list of
                    (natural page number, the page's bytes), ascending
    2 symlink       octets
    3 directory     natural next cookie; parent; maybe the inode mounted here; list of (octets name, natural cookie,
                    inode), ascending by cookie
    4, 5, 6, 7      null, zero, full, random

An inode may refer to one that comes later in the table, so references between inodes are resolved by what `later` is
told, when all of them have been read.
"""

from __future__ import annotations

from kernel_sim.fs.content import PAGE, DenseContent, SparseContent
from kernel_sim.fs.filesystem import MAX_FILE_SIZE
from kernel_sim.fs.inode import NAME_MAX, Directory, Inode
from kernel_sim.fs.memfs import FIRST_COOKIE, SYMLINK_MAX, MemDirectory, MemFile, MemSymlink
from kernel_sim.fs.special import FullDevice, NullDevice, RandomDevice, ZeroDevice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.fs.special import PipeBuffer
    from kernel_sim.snapshot.codec import Writer
    from kernel_sim.snapshot.reading import Loading
    from kernel_sim.snapshot.writing import Tables


class Kind:
    """One kind of inode: `number` in the format, `type` exactly."""

    number: int
    type: type[Inode]

    def references(self, inode: Any) -> Iterable[Inode]:
        """The inodes that it refers to, always in the same order."""
        return ()

    def buffers(self, inode: Any) -> Iterable[PipeBuffer]:
        """The buffers that it refers to."""
        return ()

    def save(self, out: Writer, inode: Any, tables: Tables) -> None:
        """Write all but the kind's number."""
        self.save_numbers(out, inode, tables)
        self.save_rest(out, inode, tables)

    def save_numbers(self, out: Writer, inode: Inode, tables: Tables) -> None:
        out.natural(tables.filesystem(inode.fs))
        out.natural(inode.number)
        out.natural(inode.nlink)
        for time in (inode.atime, inode.mtime, inode.ctime):
            out.integer(time)

    def save_rest(self, out: Writer, inode: Any, tables: Tables) -> None:
        """Write what this kind has besides the common numbers."""

    def load(self, loading: Loading) -> Inode:
        """Read what `save` wrote."""
        reader = loading.reader
        fs = loading.filesystem()
        number = reader.natural(fs.next_inode - 1)
        nlink = reader.natural()
        times = reader.integer(), reader.integer(), reader.integer()
        inode = self.load_rest(loading, fs, number)
        inode.nlink = nlink
        inode.atime, inode.mtime, inode.ctime = times
        return inode

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        """Read what this kind has besides the common numbers; by default nothing."""
        return self.type(fs, number, 0)


class FileKind(Kind):
    number = 1
    type = MemFile

    def save_rest(self, out: Writer, inode: MemFile, tables: Tables) -> None:
        out.natural(inode.opens)
        save_content(out, inode.content)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        inode = MemFile(fs, number, 0)
        inode.opens = loading.reader.natural()
        inode.content = load_content(loading)
        return inode


def save_content(out: Writer, content: DenseContent | SparseContent) -> None:
    """Write the bytes of a regular file, holes as holes."""
    out.flag(isinstance(content, SparseContent))
    if isinstance(content, DenseContent):
        out.octets(content.data)
        out.natural(content.size)
        return
    out.natural(content.size)
    out.natural(len(content.pages))
    for page in sorted(content.pages):
        out.natural(page)
        out.data += content.pages[page]


def load_content(loading: Loading) -> DenseContent | SparseContent:
    """Read what `save_content` wrote."""
    reader = loading.reader
    if not reader.flag():
        dense = DenseContent(reader.octets())
        dense.size = reader.natural(MAX_FILE_SIZE)
        if dense.size < len(dense.data):
            reader.fail(f"a file of {dense.size} bytes stores {len(dense.data)}")
        return dense
    sparse = SparseContent(reader.natural(MAX_FILE_SIZE))
    last = -1
    for _ in range(reader.count()):
        start = reader.at
        number = reader.natural()
        if number <= last:
            reader.fail("pages are not in order", start)
        if number * PAGE >= sparse.size:
            reader.fail("a page lies beyond the end of its file", start)
        sparse.pages[number] = bytearray(reader.raw(PAGE))
        last = number
    return sparse


class SymlinkKind(Kind):
    number = 2
    type = MemSymlink

    def save_rest(self, out: Writer, inode: MemSymlink, tables: Tables) -> None:
        out.octets(inode.target)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        start = loading.reader.at
        target = loading.reader.octets(SYMLINK_MAX)
        if not target or 0 in target:
            loading.reader.fail("no symbolic link can have that target", start)
        return MemSymlink(fs, number, 0, target)


class DirectoryKind(Kind):
    number = 3
    type: type[Inode] = MemDirectory

    def references(self, inode: MemDirectory) -> Iterable[Inode]:
        yield inode.parent
        if inode.mounted is not None:
            yield inode.mounted
        for _, child in inode.names.values():
            yield child

    def save_rest(self, out: Writer, inode: MemDirectory, tables: Tables) -> None:
        save_entries(out, inode, inode.names, tables)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        directory = MemDirectory(fs, number, 0)
        self.load_entries(loading, directory)
        return directory

    def load_entries(self, loading: Loading, directory: MemDirectory) -> None:
        """Read a directory's own part; its references are linked later."""
        reader = loading.reader
        directory.next_cookie = load_next_cookie(loading)
        start = reader.at
        parent = reader.natural()
        mounted = reader.maybe_natural()
        entries: dict[bytes, tuple[int, int]] = {}
        last = FIRST_COOKIE - 1
        for _ in range(reader.count()):
            place = reader.at
            name = load_name(loading)
            if name in entries:
                reader.fail("a directory has two entries of one name", place)
            cookie = reader.natural(directory.next_cookie - 1)
            if cookie <= last:
                reader.fail("the entries of a directory are not in the order of their cookies", place)
            last = cookie
            entries[name] = cookie, reader.natural()
        loading.later(lambda: self.link(loading, directory, start, parent, mounted, entries))

    def link(
        self,
        loading: Loading,
        directory: MemDirectory,
        start: int,
        parent: int,
        mounted: int | None,
        entries: dict[bytes, tuple[int, int]],
    ) -> None:
        """Resolve the references of a directory that stands at `start` in the snapshot."""
        reader = loading.reader
        above = loading.inode(parent, start)
        if not isinstance(above, MemDirectory):
            reader.fail("what is above a directory is no directory in memory", start)
        directory.parent = above
        if mounted is not None:
            top = loading.inode(mounted, start)
            if not isinstance(top, Directory):
                reader.fail("what is mounted on a directory is no directory", start)
            directory.mounted = top
        for name, (cookie, reference) in entries.items():
            child = loading.inode(reference, start)
            if isinstance(child, Directory):
                loading.adopt(child, directory, start)
            directory.names[name] = cookie, child


def save_entries(out: Writer, inode: MemDirectory, names: dict[bytes, tuple[int, Inode]], tables: Tables) -> None:
    """Write what every directory in memory has."""
    out.natural(inode.next_cookie)
    out.natural(tables.inode(inode.parent))
    out.maybe_natural(None if inode.mounted is None else tables.inode(inode.mounted))
    out.natural(len(names))
    for name, (cookie, child) in names.items():
        out.octets(name)
        out.natural(cookie)
        out.natural(tables.inode(child))


def load_next_cookie(loading: Loading) -> int:
    """The cookie of a directory's next entry."""
    start = loading.reader.at
    cookie = loading.reader.natural()
    if cookie < FIRST_COOKIE:
        loading.reader.fail("no entry can have that cookie", start)
    return cookie


def load_name(loading: Loading) -> bytes:
    """A name that a directory entry can have."""
    start = loading.reader.at
    name = loading.reader.octets(NAME_MAX)
    if not name or name in (b".", b"..") or b"/" in name or 0 in name:
        loading.reader.fail("no directory entry can have that name", start)
    return name


class NullKind(Kind):
    number = 4
    type = NullDevice


class ZeroKind(Kind):
    number = 5
    type = ZeroDevice


class FullKind(Kind):
    number = 6
    type = FullDevice


class RandomKind(Kind):
    number = 7
    type = RandomDevice

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        return RandomDevice(fs, number, 0, loading.kernel.entropy)


KINDS: list[Kind] = [FileKind(), SymlinkKind(), DirectoryKind(), NullKind(), ZeroKind(), FullKind(), RandomKind()]
