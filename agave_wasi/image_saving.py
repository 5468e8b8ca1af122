"""Saving a tree in memory as a tar archive: the same tree gives the same bytes.

Sorted names, no owners, times to the nanosecond (PAX headers), hard links kept. A file with big holes is stored in GNU
tar's sparse format 1.0, whose holes are whole pages of zeros, however the file happens to be kept in memory.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO

from agave_wasi.image_names import MAX_NAME, ImageError, printable, to_text
from kernel_sim.fs.content import PAGE, SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink

BLOCK = 512
PIECE = 1 << 20
ZEROS = bytes(PAGE)


def save_image(tree: MemDirectory, file: IO[bytes]) -> None:
    """Write the tree as a tar archive: the same tree gives the same bytes.

    Left out: devices and other special files, a folder that holds nothing else (/dev), and what is mounted. Paths of more
    than MAX_NAME bytes, which most programs could not unpack, are left out as well, and once everything else is written
    that is an ImageError.
    """
    _Saving(file).run(tree)


def image_bytes(tree: MemDirectory) -> bytes:
    """The tree as a tar archive."""
    from io import BytesIO

    out = BytesIO()
    save_image(tree, out)
    return out.getvalue()


class _Saving:
    """One archive; `first` remembers where a file with several names was written.

    A guest can nest folders without end, so what is remembered of an entry are its directory's `_Place` and its name, and
    there is one path at a time.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.first: dict[int, _Place] = {}

    def run(self, tree: MemDirectory) -> None:
        too_long: list[bytes] = []
        levels = [self._entries(tree, None)]
        while levels:
            place, inode = next(levels[-1], (None, None))
            if place is None or inode is None:
                levels.pop()
            elif place.length > MAX_NAME:
                too_long.append(b"" if too_long else place.path())
            elif isinstance(inode, MemDirectory):
                if inode.mounted is None and not only_special(inode):
                    self._header(self._info(place.path(), inode, tarfile.DIRTYPE, 0o755))
                    levels.append(self._entries(inode, place))
            else:
                self._save(place, inode)
        self.file.write(bytes(2 * BLOCK))
        if too_long:
            more = f" (and {len(too_long) - 1} more like it)" if len(too_long) > 1 else ""
            raise ImageError(
                f"{printable(too_long[0])}{more} is left out, with all that is in it: its path has {len(too_long[0])} bytes, "
                f"and {MAX_NAME} at most can be saved. Everything else is saved; nest folders less deeply"
            )

    def _entries(self, directory: MemDirectory, above: _Place | None) -> Iterator[tuple[_Place, Inode]]:
        """What is in a directory, by name."""
        return ((_Place(above, name), inode) for name, (_, inode) in sorted(directory.names.items()))

    def _save(self, place: _Place, inode: Inode) -> None:
        """Anything but a directory."""
        path = place.path()
        first = self.first.get(id(inode))
        if first is not None:
            info = self._info(path, inode, tarfile.LNKTYPE, 0o644)
            info.linkname = to_text(first.path())
            self._header(info)
            return
        if inode.nlink > 1:
            self.first[id(inode)] = place
        if isinstance(inode, MemSymlink):
            info = self._info(path, inode, tarfile.SYMTYPE, 0o777)
            info.linkname = to_text(inode.target)
            self._header(info)
        elif isinstance(inode, MemFile):
            self._save_file(path, inode)

    def _info(self, path: bytes, inode: Inode, kind: bytes, mode: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(to_text(path))
        info.type = kind
        info.mode = mode
        seconds, fraction = divmod(inode.mtime, 10**9)
        info.mtime = seconds
        if fraction or seconds >= 8**11:
            info.pax_headers = {"mtime": f"{seconds}.{fraction:09d}"}
        return info

    def _header(self, info: tarfile.TarInfo) -> None:
        self.file.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))

    def _save_file(self, path: bytes, file: MemFile) -> None:
        info = self._info(path, file, tarfile.REGTYPE, 0o644)
        pieces = stored_pieces(file)
        stored = sum(size for _, size in pieces)
        content = file.content
        if content.size - stored < SPARSE_GAP:
            pieces, stored, table = [(0, content.size)], content.size, b""
        else:
            lines = [len(pieces) + 1, *(number for piece in pieces for number in piece), content.size, 0]
            table = "".join(f"{number}\n" for number in lines).encode()
            table += bytes(-len(table) % BLOCK)
            name = to_text(path)
            headers = {"major": "1", "minor": "0", "name": name, "realsize": str(content.size)}
            info.pax_headers = {**info.pax_headers, **{f"GNU.sparse.{key}": value for key, value in headers.items()}}
        info.size = len(table) + stored
        self._header(info)
        self.file.write(table)
        for offset, size in pieces:
            while size:
                piece = bytearray(min(PIECE, size))
                with memoryview(piece) as view:
                    count = content.read(offset, [view])
                if not count:
                    raise ImageError(f"{printable(path)} became shorter while it was saved; try again")
                self.file.write(piece[:count])
                offset += count
                size -= count
        self.file.write(bytes(-info.size % BLOCK))


class _Place:
    """A name in a folder; `length` is that of the path, in bytes."""

    __slots__ = ("above", "name", "length")

    def __init__(self, above: _Place | None, name: bytes) -> None:
        self.above = above
        self.name = name
        self.length: int = len(name) if above is None else above.length + 1 + len(name)

    def path(self) -> bytes:
        names = [self.name]
        above = self.above
        while above is not None:
            names.append(above.name)
            above = above.above
        return b"/".join(reversed(names))


def stored_pieces(file: MemFile) -> list[tuple[int, int]]:
    """Where a file has anything but zeros, in whole pages: (offset, size), joined; independent of how it is stored."""
    content = file.content
    if isinstance(content, SparseContent):
        numbers = sorted(number for number, page in content.pages.items() if page != ZEROS and number * PAGE < content.size)
    elif type(content) is not DenseContent or content.size < SPARSE_GAP:  # another kind has its bytes elsewhere
        return [(0, content.size)]
    else:
        data = content.data
        pages = [data[start : start + PAGE] for start in range(0, len(data), PAGE)]
        numbers = [number for number, page in enumerate(pages) if page != ZEROS[: len(page)]]
    pieces: list[tuple[int, int]] = []
    for number in numbers:
        offset = number * PAGE
        size = min(PAGE, content.size - offset)
        if pieces and sum(pieces[-1]) == offset:
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + size)
        else:
            pieces.append((offset, size))
    return pieces


def only_special(directory: MemDirectory) -> bool:
    """Does a folder hold devices and nothing else?"""
    inodes = [inode for _, inode in directory.names.values()]
    return bool(inodes) and not any(isinstance(inode, MemFile | MemSymlink | Directory) for inode in inodes)
