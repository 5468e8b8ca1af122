"""Trees and tar archives for tests of images: made, described, refused."""


from __future__ import annotations

import io
import tarfile

import pytest

from agave_wasi.images import ImageError, load_image
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink
from kernel_sim.kernel import Kernel


def new_tree(max_bytes: int = 1 << 24, max_inodes: int = 10_000) -> MemDirectory:
    return Kernel(max_bytes=max_bytes, max_inodes=max_inodes).root


def write(directory: MemDirectory, name: bytes, *pieces: tuple[int, bytes], size: int | None = None) -> MemFile:
    file = directory.create(name)
    for offset, data in pieces:
        assert file.write_at(offset, [memoryview(data)]) == len(data)
    if size is not None:
        file.truncate(size)
    return file


def described(tree: MemDirectory) -> dict[bytes, object]:
    """Everything that an image keeps, by path."""
    found: dict[bytes, object] = {}
    first: dict[int, bytes] = {}
    pending = [(b"", tree)]
    while pending:
        path, directory = pending.pop()
        for name, (_, inode) in sorted(directory.names.items()):
            here = path + b"/" + name
            if isinstance(inode, MemDirectory):
                pending.append((here, inode))
                found[here] = "directory", inode.mtime, inode.nlink, inode.parent is directory
            elif isinstance(inode, MemSymlink):
                found[here] = inode.target, inode.mtime, inode.nlink, first.setdefault(id(inode), here)
            elif isinstance(inode, MemFile):
                start = bytearray(min(inode.size, 1 << 22))
                inode.content.read(0, [memoryview(start)])
                found[here] = inode.size, bytes(start), inode.mtime, inode.nlink, first.setdefault(id(inode), here)
            else:
                found[here] = inode.type
    return found


def at(tree: MemDirectory, path: bytes) -> object:
    inode: object = tree
    for name in path.split(b"/"):
        assert isinstance(inode, MemDirectory)
        inode = inode.lookup(name)
    return inode


def archive(*members: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    info.size = size
    return info


def text(name: str, data: bytes = b"text") -> tuple[tarfile.TarInfo, bytes]:
    return member(name, size=len(data)), data


def refused(data: bytes, tree: MemDirectory | None = None) -> str:
    """Why an image is refused; nothing of it may have been left in the tree."""
    tree = new_tree() if tree is None else tree
    fs = tree.fs
    before = described(tree), tree.mtime, tree.nlink, fs.used_bytes, fs.used_inodes, fs.next_inode
    with pytest.raises(ImageError) as caught:
        load_image(tree, data)
    assert (described(tree), tree.mtime, tree.nlink, fs.used_bytes, fs.used_inodes, fs.next_inode) == before
    return str(caught.value)


def furnished() -> MemDirectory:
    tree = new_tree(1 << 40)
    write(tree, b"plain", (0, b"content")).mtime = 1_234_567_890_123_456_789
    sub = tree.make_directory(b"sub")
    write(sub, b"empty")
    write(sub, "näme".encode(), (0, b"x" * 100_000))
    write(sub, b"\xff\xfe", (0, b"no text"))
    write(sub, b"n" * 255, (0, b"long"))
    write(sub, b"holes", (3 << 20, b"middle"), (9 << 20, b"end"), size=1 << 33)
    write(sub, b"hole", size=1 << 34)
    tree.symlink(b"link", b"sub/gone")
    tree.symlink(b"absolute", b"/etc/passwd")
    tree.symlink(b"far", b"../" * 1000)
    sub.link(b"same", tree.lookup(b"plain"))
    sub.link(b"samelink", tree.lookup(b"link"))
    tree.make_directory(b"bare")
    sub.mtime = 5
    return tree
