"""What a guest has changed in an overlay: the difference to the host's tree, in an order in which it can be applied.

The tree as it is now is compared with what each directory held when it was first seen. Most changes only add or
replace, and come first; then what is gone is removed; last comes what needs a place that had to be removed first (a
file where a directory was, or the other way round). A file of the host that only has another name now is no new
content but a link to the old file, which keeps its permissions and costs nothing; whoever applies the changes takes
those links first of all, while every old name still means what it meant.
"""

from __future__ import annotations

from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.fs.overlay import OverlayDirectory, OverlayFile, OverlaySpecial, OverlaySymlink
from kernel_sim.fs.resolve import PATH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fs.content import DenseContent, SparseContent
    from kernel_sim.fs.overlay import OverlayEntry as Entry

    Path = tuple[bytes, ...]


class ChangeKind:
    """What can happen to a path."""

    DIRECTORY = "directory"
    """A new directory."""
    FILE = "file"
    """A new file, or new content for one: `content`."""
    SYMLINK = "symlink"
    """A new symbolic link to `target`."""
    LINK = "link"
    """A further name for the file at `source`, which an earlier change has put there."""
    MOVED = "moved"
    """A name for the file that was at `source` on the host in the beginning, and whose numbers are `identity`."""
    REMOVED_FILE = "removed-file"
    REMOVED_DIRECTORY = "removed-directory"
    TIMES = "times"
    """Other times: `atime` and `mtime`."""


class Change:
    """One difference, at `path` (names from the top). Times are ns since 1970, None where the guest set none."""

    __slots__ = ("kind", "path", "content", "target", "source", "identity", "atime", "mtime")

    def __init__(
        self,
        kind: str,
        path: Path,
        content: DenseContent | SparseContent | None = None,
        target: bytes = b"",
        source: Path = (),
        identity: tuple[int, int] = (0, 0),
        atime: int | None = None,
        mtime: int | None = None,
    ) -> None:
        self.kind = kind
        self.path = path
        self.content = content
        self.target = target
        self.source = source
        self.identity = identity
        self.atime = atime
        self.mtime = mtime

    def __repr__(self) -> str:
        details = f" -> {self.target!r}" if self.target else f" = {b'/'.join(self.source)!r}" if self.source else ""
        return f"<{self.kind} {b'/'.join(self.path)!r}{details}>"


DEEPEST = PATH_MAX // 2
"""So many folders may lie one in the other: with more, no program of the host could name what is in the last."""


class TooDeep(Exception):
    """The directory at `path` lies deeper than what changes are looked for in."""

    def __init__(self, path: Path) -> None:
        self.path = path


def changes(top: OverlayDirectory) -> list[Change]:
    """Everything that is different from the host's tree under the overlay `top`; TooDeep."""
    return _Comparison(top).result()


class _Comparison:
    """Collects differences; `late` is what needs a place that is taken until removals are done."""

    def __init__(self, top: OverlayDirectory) -> None:
        self.directories: list[Change] = []
        self.late_directories: list[Change] = []
        self.entries: list[tuple[Path, Entry]] = []
        self.late_entries: list[tuple[Path, Entry]] = []
        self.gone: list[Change] = []
        self.times: list[Change] = []
        self.primary: dict[int, Path] = {}
        # Other names of a changed file may be in directories that nobody has looked into.
        self.everywhere = any(map(_is_changed, top.fs.linked.values()))
        self._compare(top)

    def _compare(self, top: OverlayDirectory) -> None:
        # (directory as it is, its path, the directory that was there, must it wait for a removal?)
        pending: list[tuple[OverlayDirectory, Path, OverlayDirectory | None, bool]] = [(top, (), top, False)]
        while pending:
            directory, path, was, late = pending.pop()
            if len(path) > DEEPEST:  # before paths are made that together take the square of that
                raise TooDeep(path)
            if directory.dated:
                self.times.append(_times(directory, path))
            if directory is was and directory.filled is None and not self.everywhere:  # nobody has ever looked in
                continue
            if was is not None:
                was.names  # noqa: B018  # fills it, so that `original` is known
            before = was.original if was is not None else {}
            for name, (_, inode) in sorted(directory.names.items()):
                old = before.get(name)
                here = (*path, name)
                if isinstance(inode, OverlayDirectory):
                    old_directory = old if isinstance(old, OverlayDirectory) else None
                    conflict = late or (old is not None and old_directory is None)
                    if old_directory is None:
                        (self.late_directories if conflict else self.directories).append(
                            Change(ChangeKind.DIRECTORY, here)
                        )
                    pending.append((inode, here, old_directory, conflict))
                elif isinstance(inode, OverlayFile | OverlaySymlink | OverlaySpecial):
                    if inode is old and not _is_changed(inode):
                        if inode.dated:
                            self.times.append(_times(inode, here))
                        continue
                    conflict = late or isinstance(old, OverlayDirectory)
                    (self.late_entries if conflict else self.entries).append((here, inode))
            for name, old in sorted(before.items()):
                now = directory.names.get(name)
                if now is None or isinstance(now[1], Directory) != isinstance(old, Directory):
                    self._remove((*path, name), old)
        self.times.sort(key=lambda change: len(change.path), reverse=True)  # a directory's after those of its entries

    def _remove(self, path: Path, inode: Inode) -> None:
        """Remove what was at `path`, entries before their directory."""
        found: list[Change] = []
        pending = [(path, inode)]
        while pending:
            here, each = pending.pop()
            if isinstance(each, OverlayDirectory):
                found.append(Change(ChangeKind.REMOVED_DIRECTORY, here))
                each.names  # noqa: B018  # fills it, should it have been moved unseen
                pending += [((*here, name), child) for name, child in each.original.items()]
            else:
                found.append(Change(ChangeKind.REMOVED_FILE, here))
        self.gone += reversed(found)

    def _entry(self, path: Path, inode: Entry) -> Change:
        """How `inode` comes to have the name `path`."""
        atime, mtime = (inode.atime, inode.mtime) if inode.dated else (None, None)
        first = self.primary.setdefault(id(inode), path)
        if _is_changed(inode) and first != path:
            return Change(ChangeKind.LINK, path, source=first)
        if isinstance(inode, OverlayFile) and inode.is_changed():
            return Change(ChangeKind.FILE, path, inode.content, atime=atime, mtime=mtime)
        if inode.lower is None:
            assert isinstance(inode, OverlaySymlink)
            return Change(ChangeKind.SYMLINK, path, target=inode.target, atime=atime, mtime=mtime)
        above = inode.lower.parent.path()
        assert above is not None and inode.lower.name is not None  # nothing is moved or removed on the host from here
        source = (*above, inode.lower.name)
        identity = inode.lower.identity
        return Change(ChangeKind.MOVED, path, source=source, identity=identity, atime=atime, mtime=mtime)

    def result(self) -> list[Change]:
        return [
            *self.directories,
            *(self._entry(*each) for each in self.entries),
            *self.gone,
            *self.late_directories,
            *(self._entry(*each) for each in self.late_entries),
            *self.times,
        ]


def _is_changed(inode: Entry) -> bool:
    """Is this anything else than a file of the host as the host has it?"""
    return inode.lower is None or (isinstance(inode, OverlayFile) and inode.is_changed())


def _times(inode: OverlayDirectory | Entry, path: Path) -> Change:
    return Change(ChangeKind.TIMES, path, atime=inode.atime, mtime=inode.mtime)
