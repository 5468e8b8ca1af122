"""How inodes are kept that stand for files of the host: by the device's name and the path below it.

    20 host directory   file system; list of octets, the path; naturals pins, next cookie; list of (octets name, natural
                        cookie); maybe the inode above, if it is mounted
    21 host entry       file system; list of octets, the path
    22 open host file   file system; list of octets, the path; flags read, write; natural descriptors
    23 overlay file     numbers; maybe the host entry below; flag dated; natural descriptors; flag: the bytes are still
                        the host's; if so natural size, flag open; if not, the content as of a file
    24 overlay symlink  numbers; maybe the host entry below; flag dated; octets target
    25 overlay special  numbers; the host entry below; flag dated
    26 overlay directory   numbers; what a directory has, without entries if it hasn't been looked into; maybe the host
                        directory below; flag dated; flag looked into; list of (octets name, inode) that it had at first

Loading walks those paths again, so what another program has done to the host's tree in the meantime shows.
"""

from __future__ import annotations

from kernel_sim.fs.hostfs import HostDirectory, HostEntry, HostFileSystem, HostOpenFile
from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.fs.overlay import (
    LowerContent,
    OverlayDirectory,
    OverlayFile,
    OverlayFileSystem,
    OverlaySpecial,
    OverlaySymlink,
)
from kernel_sim.snapshot.codec import SnapshotError
from kernel_sim.snapshot.inodes import (
    DirectoryKind,
    Kind,
    load_content,
    load_name,
    load_next_cookie,
    save_content,
    save_entries,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.snapshot.codec import Writer
    from kernel_sim.snapshot.reading import Loading
    from kernel_sim.snapshot.writing import Tables


class HostDirectoryKind(Kind):
    number = 20
    type = HostDirectory

    def references(self, inode: HostDirectory) -> Iterable[Inode]:
        return () if isinstance(inode.parent, HostDirectory) else (inode.parent,)

    def save(self, out: Writer, inode: HostDirectory, tables: Tables) -> None:
        out.natural(tables.filesystem(inode.fs))
        save_path(out, inode.path())
        out.natural(inode.pins)
        out.natural(inode.next_cookie)
        out.natural(len(inode.cookies))
        for name, cookie in inode.cookies.items():
            out.octets(name)
            out.natural(cookie)
        above = None if isinstance(inode.parent, HostDirectory) else tables.inode(inode.parent)
        out.maybe_natural(above)

    def load(self, loading: Loading) -> Inode:
        reader = loading.reader
        fs = host_filesystem(loading)
        directory = walk(loading, fs, load_path(loading))
        if not isinstance(directory, HostDirectory):
            reader.fail("what was a directory of the host is none any more")
        directory.opened_handle()  # so that every further walk meets this very object
        directory.pins = reader.natural()
        directory.next_cookie = load_next_cookie(loading)
        for _ in range(reader.count()):
            start = reader.at
            name = load_name(loading)
            cookie = reader.natural(directory.next_cookie - 1)
            if cookie <= max(directory.cookies.values(), default=1):
                reader.fail("the names of a host directory are not in the order of their cookies", start)
            directory.cookies[name] = cookie
        start = reader.at
        above = reader.maybe_natural()

        def link() -> None:
            parent = loading.inode(above or 0, start)
            if not isinstance(parent, Directory):
                reader.fail("what is above a mounted tree is no directory", start)
            directory.parent = parent

        if above is not None:
            if directory.name:
                reader.fail("only the top of a host's tree can be mounted", start)
            loading.later(link)
        return directory


class HostEntryKind(Kind):
    number = 21
    type = HostEntry

    def save(self, out: Writer, inode: HostEntry, tables: Tables) -> None:
        out.natural(tables.filesystem(inode.fs))
        save_path(out, inode.path())

    def load(self, loading: Loading) -> Inode:
        return entry(loading, host_filesystem(loading))


class HostOpenFileKind(Kind):
    number = 22
    type = HostOpenFile

    def save(self, out: Writer, inode: HostOpenFile, tables: Tables) -> None:
        out.natural(tables.filesystem(inode.fs))
        save_path(out, inode.path())
        out.flag(inode.read)
        out.flag(inode.write)
        out.natural(inode.opens)

    def load(self, loading: Loading) -> Inode:
        reader = loading.reader
        found = entry(loading, host_filesystem(loading))
        file = found.opened(reader.flag(), reader.flag(), False)
        assert isinstance(file, HostOpenFile)
        file.opens = reader.natural()
        return file


class OverlayFileKind(Kind):
    number = 23
    type = OverlayFile

    def references(self, inode: OverlayFile) -> Iterable[Inode]:
        return () if inode.lower is None else (inode.lower,)

    def save_rest(self, out: Writer, inode: OverlayFile, tables: Tables) -> None:
        save_lower(out, inode, tables)
        out.natural(inode.opens)
        content = inode.content
        out.flag(isinstance(content, LowerContent))
        if isinstance(content, LowerContent):
            out.natural(content.size)
            out.flag(content.source is not None)
        else:
            save_content(out, content)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        reader = loading.reader
        file = OverlayFile(fs, number, 0)
        load_lower(loading, file)
        file.opens = reader.natural()
        start = reader.at
        if not reader.flag():
            file.content = load_content(loading)
            return file
        size, is_open = reader.natural(), reader.flag()

        def link() -> None:
            if file.lower is None:
                reader.fail("a file has the host's bytes, but no file of the host", start)
            file.content = content = LowerContent(file.lower)
            if is_open:
                content.open()
            content.size = size

        loading.later(link)
        return file


class OverlaySymlinkKind(Kind):
    number = 24
    type = OverlaySymlink

    def references(self, inode: OverlaySymlink) -> Iterable[Inode]:
        return () if inode.lower is None else (inode.lower,)

    def save_rest(self, out: Writer, inode: OverlaySymlink, tables: Tables) -> None:
        save_lower(out, inode, tables)
        out.octets(inode.target)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        link = OverlaySymlink(fs, number, 0, b"")
        load_lower(loading, link)
        link.target = loading.reader.octets()
        return link


class OverlaySpecialKind(Kind):
    number = 25
    type = OverlaySpecial

    def references(self, inode: OverlaySpecial) -> Iterable[Inode]:
        return (inode.lower,)

    def save_rest(self, out: Writer, inode: OverlaySpecial, tables: Tables) -> None:
        out.natural(tables.inode(inode.lower))
        out.flag(inode.dated)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        reader = loading.reader
        start = reader.at
        place = reader.natural()
        special = OverlaySpecial.__new__(OverlaySpecial)
        Inode.__init__(special, fs, number, 0)
        special.dated = reader.flag()

        def link() -> None:
            special.lower = host_entry(loading, place, start)

        loading.later(link)
        return special


class OverlayDirectoryKind(DirectoryKind):
    number = 26
    type = OverlayDirectory

    def references(self, inode: OverlayDirectory) -> Iterable[Inode]:  # type: ignore[override]  # this kind alone
        yield inode.parent
        if inode.mounted is not None:
            yield inode.mounted
        if inode.lower is not None:
            yield inode.lower
        for _, child in (inode.filled or {}).values():
            yield child
        yield from inode.original.values()

    def save_rest(self, out: Writer, inode: OverlayDirectory, tables: Tables) -> None:  # type: ignore[override]
        save_entries(out, inode, inode.filled or {}, tables)
        out.maybe_natural(None if inode.lower is None else tables.inode(inode.lower))
        out.flag(inode.dated)
        out.flag(inode.filled is not None)
        out.natural(len(inode.original))
        for name, child in inode.original.items():
            out.octets(name)
            out.natural(tables.inode(child))

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        reader = loading.reader
        if not isinstance(fs, OverlayFileSystem):
            reader.fail("an overlay's directory lies in a file system that is no overlay")
        directory = OverlayDirectory(fs, number, None)
        self.load_entries(loading, directory)
        start = reader.at
        below = reader.maybe_natural()
        directory.dated = reader.flag()
        filled = reader.flag()
        original: dict[bytes, int] = {}
        for _ in range(reader.count()):
            name = load_name(loading)
            original[name] = reader.natural()
        if not filled and below is None:
            reader.fail("a directory without the host's hasn't been looked into", start)

        def link() -> None:
            if below is not None:
                lower = loading.inode(below, start)
                if not isinstance(lower, HostDirectory):
                    reader.fail("what is below an overlay's directory is no directory of the host", start)
                directory.lower = lower
            directory.original = {name: loading.inode(place, start) for name, place in original.items()}
            if not filled:
                directory.filled = None

        loading.later(link)
        return directory


def save_path(out: Writer, path: list[bytes] | None) -> None:
    """Write where something of the host is."""
    if path is None:
        raise SnapshotError("something of the host is in use that has no name any more, so it couldn't be found again")
    out.natural(len(path))
    for name in path:
        out.octets(name)


def load_path(loading: Loading) -> list[bytes]:
    """Read what `save_path` wrote."""
    return [load_name(loading) for _ in range(loading.reader.count())]


def host_filesystem(loading: Loading) -> HostFileSystem:
    """The host's file system that is referred to here."""
    start = loading.reader.at
    fs = loading.filesystem()
    if not isinstance(fs, HostFileSystem):
        loading.reader.fail("a file of the host lies in a file system that isn't the host's", start)
    return fs


def walk(loading: Loading, fs: HostFileSystem, path: list[bytes]) -> Inode:
    """What the host has at a path; links are not followed."""
    inode: Inode | None = loading.tops.get(fs.number)
    if inode is None:
        inode = loading.tops[fs.number] = fs.top()
    for name in path:
        inode = inode.lookup(name)
    return inode


def entry(loading: Loading, fs: HostFileSystem) -> HostEntry:
    """The entry whose path stands here."""
    start = loading.reader.at
    found = walk(loading, fs, load_path(loading))
    if not isinstance(found, HostEntry):
        loading.reader.fail("what was a file of the host is a directory now", start)
    return found


def host_entry(loading: Loading, place: int, start: int) -> HostEntry:
    """The entry that is referred to."""
    found = loading.inode(place, start)
    if not isinstance(found, HostEntry):
        loading.reader.fail("what is below an overlay's file is no file of the host", start)
    return found


def save_lower(out: Writer, inode: OverlayFile | OverlaySymlink, tables: Tables) -> None:
    """Write what an overlay's file began as."""
    out.maybe_natural(None if inode.lower is None else tables.inode(inode.lower))
    out.flag(inode.dated)


def load_lower(loading: Loading, inode: OverlayFile | OverlaySymlink) -> None:
    """Read what `save_lower` wrote."""
    start = loading.reader.at
    place = loading.reader.maybe_natural()
    inode.dated = loading.reader.flag()

    def link() -> None:
        inode.lower = host_entry(loading, place or 0, start)

    if place is not None:
        loading.later(link)


OUTSIDE_KINDS: list[Kind] = [
    HostDirectoryKind(), HostEntryKind(), HostOpenFileKind(), OverlayFileKind(), OverlaySymlinkKind(),
    OverlaySpecialKind(), OverlayDirectoryKind(),
]  # fmt: skip
