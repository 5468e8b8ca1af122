"""Saving a tree in memory as a tar archive: the same tree gives the same bytes.

Sorted names, no owners, times to the nanosecond (PAX headers), hard links kept. A file with big holes is stored in GNU
tar's sparse format 1.0, whose holes are whole pages of zeros, however the file happens to be kept in memory.
"""

from __future__ import annotations

import tarfile
from typing import IO

from agave_wasi.image_names import MAX_NAME, ImageError, printable, to_text
from kernel_sim.fs.content import PAGE, SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink

BLOCK = 512
PIECE = 1 << 20
ZEROS = bytes(PAGE)


def save_image(tree: MemDirectory, file: IO[bytes]) -> None:
    """Write the tree as a tar archive: the same tree gives the same bytes. ImageError if a path is too long.

    Left out: devices and other special files, a folder that holds nothing else (/dev), and what is mounted.
    """
    _Saving(file).run(tree)


def image_bytes(tree: MemDirectory) -> bytes:
    """The tree as a tar archive."""
    from io import BytesIO

    out = BytesIO()
    save_image(tree, out)
    return out.getvalue()


class _Saving:
    """One archive; `paths` remembers under which name a file with several was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.paths: dict[int, str] = {}

    def run(self, tree: MemDirectory) -> None:
        pending: list[tuple[bytes, Inode]] = self._children(tree, b"")
        while pending:
            path, inode = pending.pop()
            if len(path) > MAX_NAME:
                raise ImageError(f"{printable(path)} has a path of {len(path)} bytes; {MAX_NAME} at most can be saved")
            if isinstance(inode, MemDirectory):
                if inode.mounted is None and not only_special(inode):
                    self._header(self._info(path, inode, tarfile.DIRTYPE, 0o755))
                    pending += self._children(inode, path + b"/")
            elif id(inode) in self.paths:
                info = self._info(path, inode, tarfile.LNKTYPE, 0o644)
                info.linkname = self.paths[id(inode)]
                self._header(info)
            elif isinstance(inode, MemFile | MemSymlink):
                self.paths[id(inode)] = to_text(path)
                if isinstance(inode, MemSymlink):
                    info = self._info(path, inode, tarfile.SYMTYPE, 0o777)
                    info.linkname = to_text(inode.target)
                    self._header(info)
                else:
                    self._save_file(path, inode)
        self.file.write(bytes(2 * BLOCK))

    def _children(self, directory: MemDirectory, prefix: bytes) -> list[tuple[bytes, Inode]]:
        """Entries in reverse order of names, as a stack wants them."""
        return [(prefix + name, inode) for name, (_, inode) in sorted(directory.names.items(), reverse=True)]

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
