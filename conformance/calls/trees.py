"""Files as data: what lies in a tree, be it in a world's memory or in a folder of the host, and the differences of two.

A tree is path -> node: the kind, the content's size and digest or the link's target, and for a file with several names
which of its names comes first. Times and numbers are not part of it: they differ by nature (`conformance.calls.rules`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from agave_wasi.files import CHUNK
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import Directory, FileType, Inode

Snapshot = dict[str, "Node"]
LONGEST = 2000
"""Bytes of a path; what lies deeper isn't looked at, on either side: a host's paths have an end."""


class Node(NamedTuple):
    """One object: its kind, bytes of content, their digest, a link's target, and the first of a file's names."""

    kind: str
    size: int = 0
    digest: str = ""
    target: str = ""
    same_as: str = ""

    def __str__(self) -> str:
        match self.kind:
            case FileType.REGULAR_FILE:
                more = f", another name of {self.same_as}" if self.same_as else ""
                return f"a file of {self.size} bytes (blake2b {self.digest[:12]}){more}"
            case FileType.SYMBOLIC_LINK:
                return f"a link to {self.target!r}"
        return f"a {self.kind}"


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _too_long(path: str) -> bool:
    return len(os.fsencode(path)) > LONGEST


# In memory


def of_inode(top: Directory) -> Snapshot:
    """The tree below a directory of the kernel's."""
    found: Snapshot = {}
    several: dict[str, int] = {}
    for path, inode in _below(top):
        if isinstance(inode, Directory):
            found[path] = Node(FileType.DIRECTORY)
        elif inode.type == FileType.SYMBOLIC_LINK:
            found[path] = Node(inode.type, target=_text(inode.readlink()))
        elif inode.type == FileType.REGULAR_FILE:
            stat = inode.stat()
            digest = blake2b(digest_size=16)
            for piece in _pieces(inode):
                digest.update(piece)
            found[path] = Node(inode.type, stat.size, digest.hexdigest())
            if stat.nlink > 1:
                several[path] = stat.inode
        else:
            found[path] = Node(inode.type)
    return _named(found, several)


def _named(found: Snapshot, several: dict[str, int]) -> Snapshot:
    """In the order of paths; files with several names (path -> number) say which is the first."""
    first: dict[int, str] = {}
    for path in sorted(several):
        name = first.setdefault(several[path], path)
        if name != path:
            found[path] = found[path]._replace(same_as=name)
    return dict(sorted(found.items()))


def _below(top: Directory) -> Iterator[tuple[str, Inode]]:
    pending: list[tuple[str, Directory]] = [("", top)]
    while pending:
        prefix, directory = pending.pop()
        names = sorted((entry.name for entry in directory.entries(2, 1 << 62)), reverse=True)
        inodes = [(f"{prefix}{_text(name)}", directory.lookup(name)) for name in names]
        yield from reversed(inodes)
        pending += [(f"{path}/", inode) for path, inode in inodes if isinstance(inode, Directory) and not _too_long(path)]


def _pieces(inode: Inode) -> Iterator[memoryview]:
    """The content of a file, piece by piece; each is there until the next one is asked for."""
    file = inode.opened(True, False, False)
    try:
        buffer = memoryview(bytearray(min(CHUNK, inode.stat().size + 1)))  # the one more shows the end
        at = 0
        while count := file.read_at(at, [buffer]):
            yield buffer[:count]
            at += count
    finally:
        file.closed(True, False)


def contents(top: Directory) -> dict[str, tuple[str, bytes]]:
    """All that lies below a directory of the kernel's: its kind, and a file's content or a link's target."""
    found = {}
    for path, inode in _below(top):
        data = b"".join(map(bytes, _pieces(inode))) if inode.type == FileType.REGULAR_FILE else b""
        found[path] = inode.type, inode.readlink() if inode.type == FileType.SYMBOLIC_LINK else data
    return found


def fill(top: Directory, folder: Path) -> None:
    """Put what lies below a directory of the kernel's into an empty folder of the host, with times, links and all names."""
    first: dict[int, Path] = {}
    folders = []
    for name, inode in _below(top):
        path = folder / name
        stat = inode.stat()
        if isinstance(inode, Directory):
            path.mkdir()
            folders.append((path, stat))
            continue
        if inode.type == FileType.SYMBOLIC_LINK:
            path.symlink_to(_text(inode.readlink()))
        elif inode.type != FileType.REGULAR_FILE:
            continue
        elif stat.inode in first:
            path.hardlink_to(first[stat.inode])
            continue
        else:
            first[stat.inode] = path
            with path.open("wb") as file:
                file.writelines(_pieces(inode))
        os.utime(path, ns=(stat.atime, stat.mtime), follow_symlinks=False)
    for path, stat in reversed(folders):
        os.utime(path, ns=(stat.atime, stat.mtime))


# On the host


def of_folder(folder: Path) -> Snapshot:
    """The tree in a folder of the host."""
    found: Snapshot = {}
    several: dict[str, int] = {}
    pending = [""]
    while pending:
        prefix = pending.pop()
        for name in os.listdir(folder / prefix):
            shown = f"{prefix}{name}"
            path = folder / shown
            found[shown] = _host_node(path)
            if found[shown].kind == FileType.DIRECTORY and not _too_long(shown):
                pending.append(f"{shown}/")
            status = path.lstat()
            if found[shown].kind == FileType.REGULAR_FILE and status.st_nlink > 1:
                several[shown] = status.st_ino
    return _named(found, several)


def _host_node(path: Path) -> Node:
    if path.is_symlink():
        return Node(FileType.SYMBOLIC_LINK, target=os.readlink(path))
    if path.is_dir():
        return Node(FileType.DIRECTORY)
    if not path.is_file():
        return Node(FileType.UNKNOWN)
    digest = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
    except OSError as error:
        return Node(f"file that can't be read ({error.strerror})")
    return Node(FileType.REGULAR_FILE, path.stat().st_size, digest.hexdigest())


def pour(folder: Path, top: Directory) -> None:
    """Put what lies in a folder of the host into an empty directory of the kernel's, with times, links and all names."""
    first: dict[int, Inode] = {}
    folders: list[tuple[Inode, os.stat_result]] = []
    pending = [(folder, top)]
    while pending:
        path, directory = pending.pop()
        for each in sorted(path.iterdir()):
            name, status = os.fsencode(each.name), each.lstat()
            if each.is_symlink():
                directory.symlink(name, os.fsencode(os.readlink(each)))
                inode = directory.lookup(name)
            elif each.is_dir():
                below = directory.make_directory(name)
                pending.append((each, below))
                folders.append((below, status))
                continue
            elif not each.is_file():
                continue
            elif status.st_ino in first:
                directory.link(name, first[status.st_ino])
                continue
            else:
                inode = first[status.st_ino] = directory.create(name)
                _write(inode, each.read_bytes())
            inode.set_times(status.st_atime_ns, status.st_mtime_ns)
    for inode, status in folders:
        inode.set_times(status.st_atime_ns, status.st_mtime_ns)


def _write(inode: Inode, content: bytes) -> None:
    file = inode.opened(False, True, False)
    try:
        if content and file.write_at(0, [memoryview(content)]) != len(content):
            raise KernelError(Errno.NOSPC)
    finally:
        file.closed(False, True)


# Two trees


def differences(ours: Snapshot, theirs: Snapshot) -> list[tuple[str, str, str]]:
    """(path, what is here, what is there) for each path that isn't the same in both."""
    found = []
    for path in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(path), theirs.get(path)
        if here != there:
            found.append((path, str(here or "nothing"), str(there or "nothing")))
    return found


def take(top: Directory) -> Snapshot | str:
    """`of_inode`, or why it can't be had."""
    try:
        return of_inode(top)
    except KernelError as error:
        return f"the files can't be read: {error.errno}"
