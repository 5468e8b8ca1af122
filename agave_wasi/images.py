"""File-system images: tar archives that a tree in memory is loaded from, and saved to.

Loading trusts nothing. The archive is read once, forwards; everything that it wants to store is charged to the tree's
quota as it arrives, headers and all decompressed bytes have limits of their own, and the tree is only touched when the
whole archive has been understood. Nothing is ever extracted to the host. Saving gives the same bytes for the same tree:
sorted names, no owners, times to the nanosecond, holes as holes (GNU sparse format 1.0), hard links kept.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from typing import IO, Protocol

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.content import PAGE, SPARSE_GAP, SparseContent
from kernel_sim.fs.inode import NAME_MAX, Directory, Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink

PIECE = 1 << 20
MAX_HEADER = 1 << 20
"""Bytes of headers that one member may have: its name, its times, the map of its holes."""
MAX_NAME = 1 << 16
MAX_TIME = (1 << 64) - 1
SLACK = 1 << 26
"""Decompressed bytes that an archive may have beyond what the quota could hold."""
BLOCK = 512
ZEROS = bytes(PAGE)
SPECIAL = {
    tarfile.CHRTYPE: "a character device",
    tarfile.BLKTYPE: "a block device",
    tarfile.FIFOTYPE: "a FIFO",
}
REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE)


class ImageError(Exception):
    """An image can't be loaded or saved; the message names the member and says what to do."""


# Loading


def load_image(tree: MemDirectory, source: str | os.PathLike[str] | bytes | IO[bytes]) -> list[str]:
    """Load a tar archive (plain, gzip, bzip2 or xz; a path, its bytes, or an open file) into `tree`.

    Directories that exist are kept and filled, files of the same name are replaced. Answers warnings: what had no place
    in a file system in memory and was left out. Raises ImageError, and then the tree is as before.
    """
    if isinstance(source, bytes):
        from io import BytesIO

        return _Loading(tree, BytesIO(source), "the image").run()
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        try:
            with open(name, "rb") as file:
                return _Loading(tree, file, name).run()
        except OSError as error:
            raise ImageError(f"{name} can't be read: {error.strerror or error}") from None
    return _Loading(tree, source, str(getattr(source, "name", "the image"))).run()


class _Loading:
    """One archive on its way into `tree`: collected in a tree of its own first, which shares the quota."""

    def __init__(self, tree: MemDirectory, file: IO[bytes], name: str) -> None:
        self.tree = tree
        self.file = file
        self.name = name
        self.warnings: list[str] = []
        self.dates: list[tuple[Inode, int]] = []

    def run(self) -> list[str]:
        fs = self.tree.fs
        before = fs.used_bytes, fs.used_inodes, fs.next_inode
        self.staged = MemDirectory(fs, 0, fs.clock.now())
        try:
            self._read()
            check_merge(self.tree, self.staged, self.name)
        except BaseException:
            fs.used_bytes, fs.used_inodes, fs.next_inode = before
            raise
        merge(self.tree, self.staged)
        for inode, mtime in self.dates:
            inode.atime = inode.mtime = inode.ctime = mtime
        return self.warnings

    def _read(self) -> None:
        fs = self.tree.fs
        limit = fs.max_bytes - fs.used_bytes + 2 * BLOCK * (fs.max_inodes - fs.used_inodes) + SLACK
        member = "its beginning"
        try:
            stream = _Forward(decompressed(self.file, self.name), limit, self.name)
            archive = tarfile.TarFile(fileobj=stream, mode="r", encoding="utf-8", errors="surrogateescape")  # type: ignore[arg-type]
            while True:
                stream.headers_left = MAX_HEADER
                info = archive.next()
                if info is None:
                    break
                archive.members.clear()  # it would remember them all
                member = printable(info.name)
                stream.headers_left = None
                self._add(archive, info, member)
            stream.finish()
        except KernelError as error:
            raise self._failure(member, error) from None
        except (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError, OSError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ImageError(
                f"{self.name} is damaged or no tar archive, at {member}: {str(error) or type(error).__name__}; "
                "make it again with `tar -cf`"
            ) from None

    def _failure(self, member: str, error: KernelError) -> ImageError:
        fs = self.tree.fs
        if error.errno == Errno.NOSPC:
            quota = f"{fs.max_bytes} bytes and {fs.max_inodes} files"
            return ImageError(f"{self.name}: {member} doesn't fit: the file system may hold {quota}; allow more (--fs-quota)")
        if error.errno == Errno.NAMETOOLONG:
            return ImageError(f"{self.name}: {member} has a name or target that is too long; {NAME_MAX} bytes a name will do")
        return ImageError(f"{self.name}: {member} can't be loaded ({error.errno}); leave it out of the archive")

    def _refuse(self, member: str, why: str, cure: str) -> ImageError:
        return ImageError(f"{self.name}: {member} {why}; {cure}")

    def _add(self, archive: tarfile.TarFile, info: tarfile.TarInfo, member: str) -> None:
        """Put one member into the staged tree."""
        if info.type in SPECIAL:
            self.warnings.append(f"{member} is {SPECIAL[info.type]} and was left out")
            return
        if not (info.type in REGULAR or info.isdir() or info.issym() or info.islnk()):
            self.warnings.append(f"{member} is of the unknown type {info.type!r} and was left out")
            return
        names = self._names(info.name, member)
        if not names:
            if not info.isdir():
                raise self._refuse(member, "has no name", "name it")
            self.dates.append((self.tree, nanoseconds(info)))
            return
        directory = self._directory(names[:-1], member)
        name = names[-1]
        old = directory.names.get(name, (0, None))[1]
        if info.isdir():
            if old is not None and not isinstance(old, Directory):
                raise self._refuse(member, "is a directory here and something else before", "remove one of the two")
            made: Inode = directory.make_directory(name) if old is None else old
        else:
            if isinstance(old, Directory):
                raise self._refuse(member, "was a directory before and is something else here", "remove one of the two")
            linked = self._linked(info, member) if info.islnk() else None
            if linked is not None and linked is old:
                return
            if old is not None:  # as archives that were appended to have it: the last one counts
                directory.unlink(name)
            if linked is not None:
                directory.link(name, linked)
                return
            made = self._make_symlink(directory, name, info) if info.issym() else self._make_file(archive, directory, name, info)
        self.dates.append((made, nanoseconds(info)))

    def _names(self, path: str, member: str) -> list[bytes]:
        """The components of a member's path; one that is absolute means the same from the top of the tree."""
        raw = path.encode("utf-8", "surrogateescape")
        if len(raw) > MAX_NAME:
            raise self._refuse(member, f"has a path of {len(raw)} bytes", f"{MAX_NAME} at most are possible")
        names = [name for name in raw.split(b"/") if name not in (b"", b".")]
        if b".." in names:
            raise self._refuse(member, 'leads out of the image ("..")', "pack it by a path without ..")
        return names

    def _directory(self, names: list[bytes], member: str) -> MemDirectory:
        """The staged directory of that path, made as far as it is missing."""
        here = self.staged
        for name in names:
            found = here.names.get(name, (0, None))[1]
            if found is None:
                found = here.make_directory(name)
            if not isinstance(found, MemDirectory):
                kind = "a symbolic link" if isinstance(found, MemSymlink) else "a file"
                raise self._refuse(member, f"lies below {printable_bytes(name)}, which is {kind}", "pack it by its real path")
            here = found
        return here

    def _linked(self, info: tarfile.TarInfo, member: str) -> Inode:
        """The file that a hard link is another name for."""
        here: Inode = self.staged
        for name in self._names(info.linkname, member):
            found = here.names.get(name, (0, None))[1] if isinstance(here, MemDirectory) else None
            if found is None:
                target = printable(info.linkname)
                raise self._refuse(member, f"is a hard link to {target}, which isn't there", "pack that before it")
            here = found
        if isinstance(here, Directory):
            raise self._refuse(member, "is a hard link to a directory", "pack the directory itself")
        return here

    def _make_symlink(self, directory: MemDirectory, name: bytes, info: tarfile.TarInfo) -> Inode:
        target = info.linkname.encode("utf-8", "surrogateescape")
        if not target or 0 in target:
            raise KernelError(Errno.INVAL)
        directory.symlink(name, target)
        return directory.lookup(name)

    def _make_file(self, archive: tarfile.TarFile, directory: MemDirectory, name: bytes, info: tarfile.TarInfo) -> Inode:
        """A regular file; holes stay holes, and its bytes are charged before they are read."""
        member, fs = printable(info.name), self.tree.fs
        file = directory.create(name)
        pieces = [(0, info.size)] if info.sparse is None else [piece for piece in info.sparse if piece[1]]
        wanted = sum(size for _, size in pieces)
        if fs.room(wanted) < wanted:
            raise KernelError(Errno.NOSPC)
        source = archive.extractfile(info)
        assert source is not None  # it is a regular file
        end = 0
        for offset, size in pieces:
            if offset < end or size < 0 or offset + size > info.size:
                raise self._refuse(member, "has a map of holes that makes no sense", "pack it without --sparse")
            end = offset + size
            source.seek(offset)
            while offset < end:
                piece = source.read(min(PIECE, end - offset))
                if not piece:
                    raise tarfile.ReadError("unexpected end of data")
                if file.write_at(offset, [memoryview(piece)]) < len(piece):
                    raise KernelError(Errno.NOSPC)
                offset += len(piece)
        file.truncate(info.size)
        return file


def check_merge(tree: MemDirectory, staged: MemDirectory, image: str) -> None:
    """ImageError if `staged` can't be laid over `tree`: a directory of the one is something else in the other."""
    pending = [(tree, staged, b"")]
    while pending:
        old, new, path = pending.pop()
        for name, (_, inode) in new.names.items():
            there = old.names.get(name, (0, None))[1]
            if there is None:
                continue
            if isinstance(there, MemDirectory) and isinstance(inode, MemDirectory):
                pending.append((there, inode, path + b"/" + name))
            elif not isinstance(there, MemFile | MemSymlink) or isinstance(inode, Directory):
                where = printable_bytes(path + b"/" + name)
                raise ImageError(f"{image}: {where} is something else in this world already; leave it out of the archive")


def merge(tree: MemDirectory, staged: MemDirectory) -> None:
    """Lay `staged` over `tree`; it has been checked that this works."""
    pending = [(tree, staged)]
    while pending:
        old, new = pending.pop()
        for name, (_, inode) in list(new.names.items()):
            there = old.names.get(name, (0, None))[1]
            if isinstance(there, MemDirectory) and isinstance(inode, MemDirectory):
                there.mtime = inode.mtime
                pending.append((there, inode))
                continue
            if there is not None:
                old.unlink(name)
            old._add(name, inode)
            if isinstance(inode, MemDirectory):
                old.nlink += 1
                inode.parent = old
                inode.listing = None


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


class _Forward:
    """A stream that only goes forwards and keeps to its limits, with as much of a file's interface as tarfile uses."""

    def __init__(self, source: Readable, limit: int, name: str) -> None:
        self.source = source
        self.limit = limit
        self.name = name
        self.position = 0
        self.headers_left: int | None = MAX_HEADER
        self.last = b""

    def tell(self) -> int:
        return self.position

    def read(self, size: int) -> bytes:
        if self.headers_left is not None:
            if size > self.headers_left:
                raise tarfile.ReadError(f"more than {MAX_HEADER} bytes of headers for one member")
            self.headers_left -= size
        data = self.source.read(size)
        while len(data) < size:
            more = self.source.read(size - len(data))
            if not more:
                break
            data += more
        self.position += len(data)
        if self.position > self.limit:
            raise ImageError(
                f"{self.name} holds more than this file system may, after {self.limit} bytes; allow more (--fs-quota)"
            )
        self.last = data
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        if whence or position < self.position:
            raise tarfile.ReadError("a member lies before the one that it follows")
        headers_left, self.headers_left = self.headers_left, None  # what is passed over is no header
        while self.position < position:
            if not self.read(min(PIECE, position - self.position)):
                raise tarfile.ReadError("unexpected end of data")
        self.headers_left = headers_left
        return self.position

    def finish(self) -> None:
        """The archive must have ended with a block of zeros; what follows is only checked to be intact."""
        if self.last != bytes(BLOCK):
            raise tarfile.ReadError(f"no valid header at byte {self.position - len(self.last)}, nor the end mark")
        self.headers_left = None
        while self.read(PIECE):
            pass


MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))


def decompressed(file: IO[bytes], name: str) -> Readable:
    """The tar archive in `file`, whatever it is compressed with."""
    start = file.read(6)
    source = _Prefixed(start, file)
    kind = next((kind for magic, kind in MAGIC if start.startswith(magic)), "")
    if kind == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=source, mode="rb")
    if kind == "bzip2":
        import bz2

        return bz2.BZ2File(source, "rb")  # type: ignore[arg-type]
    if kind == "xz":
        return _Xz(source)
    if kind == "zstd":
        raise ImageError(f"{name} is compressed with zstd, which can't be read here; decompress it first: zstd -d {name}")
    return source


class _Prefixed:
    """A stream whose first bytes have been read already."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self.start = start
        self.rest = rest

    def read(self, size: int = -1) -> bytes:
        if not self.start:
            return self.rest.read(size)
        data, self.start = (self.start, b"") if size < 0 else (self.start[:size], self.start[size:])
        return data

    def seekable(self) -> bool:
        return False


class _Xz:
    """An xz stream with a limit to the memory that decompressing may take, which the standard file object lacks."""

    MEMORY = 1 << 28

    def __init__(self, source: _Prefixed) -> None:
        self.source = source
        self._restart()

    def _restart(self) -> None:
        import lzma

        self.decompressor = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=self.MEMORY)

    def read(self, size: int) -> bytes:
        import lzma

        try:
            while True:
                given = b""
                if self.decompressor.eof:  # streams can follow each other, with zeros between them
                    given = self.decompressor.unused_data.lstrip(b"\0")
                    while not given:
                        raw = self.source.read(PAGE)
                        if not raw:
                            return b""
                        given = raw.lstrip(b"\0")
                    self._restart()
                elif self.decompressor.needs_input:
                    given = self.source.read(PAGE)
                    if not given:
                        raise EOFError("the compressed data ends too early")
                data = self.decompressor.decompress(given, size)
                if data:
                    return data
        except lzma.LZMAError as error:
            raise ValueError(f"bad xz data: {error}") from None


def nanoseconds(info: tarfile.TarInfo) -> int:
    """A member's modification time, exactly as it is written in its extended header; within what guests can see."""
    text = info.pax_headers.get("mtime", "")
    whole, _, fraction = text.partition(".")
    if whole.isascii() and whole.isdigit() and len(whole) < 32 and (not fraction or (fraction.isascii() and fraction.isdigit())):
        time = int(whole) * 10**9 + int((fraction + "0" * 9)[:9])
    else:
        try:
            time = int(info.mtime) * 10**9
        except (ValueError, OverflowError):  # infinite, or no number
            time = 0
    return min(max(time, 0), MAX_TIME)


def printable(name: str) -> str:
    """A member's name as a message shows it: quoted, no control characters, not too long."""
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return ascii_safe(shown if len(shown) <= 200 else shown[:100] + "..." + shown[-90:])


def printable_bytes(name: bytes) -> str:
    return printable(name.decode("utf-8", "surrogateescape"))


def ascii_safe(text: str) -> str:
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text) or "(no name)"


# Saving


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
                raise ImageError(f"{printable_bytes(path)} has a path of {len(path)} bytes; {MAX_NAME} at most can be saved")
            if isinstance(inode, MemDirectory):
                if inode.mounted is None and not only_special(inode):
                    self._header(self._info(path, inode, tarfile.DIRTYPE, 0o755))
                    pending += self._children(inode, path + b"/")
            elif id(inode) in self.paths:
                info = self._info(path, inode, tarfile.LNKTYPE, 0o644)
                info.linkname = self.paths[id(inode)]
                self._header(info)
            elif isinstance(inode, MemFile | MemSymlink):
                self.paths[id(inode)] = path.decode("utf-8", "surrogateescape")
                if isinstance(inode, MemSymlink):
                    info = self._info(path, inode, tarfile.SYMTYPE, 0o777)
                    info.linkname = inode.target.decode("utf-8", "surrogateescape")
                    self._header(info)
                else:
                    self._save_file(path, inode)
        self.file.write(bytes(2 * BLOCK))

    def _children(self, directory: MemDirectory, prefix: bytes) -> list[tuple[bytes, Inode]]:
        """Entries in reverse order of names, as a stack wants them."""
        return [(prefix + name, inode) for name, (_, inode) in sorted(directory.names.items(), reverse=True)]

    def _info(self, path: bytes, inode: Inode, kind: bytes, mode: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(path.decode("utf-8", "surrogateescape"))
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
            name = path.decode("utf-8", "surrogateescape")
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
                    raise ImageError(f"{printable_bytes(path)} became shorter while it was saved; try again")
                self.file.write(piece[:count])
                offset += count
                size -= count
        self.file.write(bytes(-info.size % BLOCK))


def stored_pieces(file: MemFile) -> list[tuple[int, int]]:
    """Where a file has anything but zeros, in whole pages: (offset, size), joined; independent of how it is stored."""
    content = file.content
    if isinstance(content, SparseContent):
        numbers = sorted(number for number, page in content.pages.items() if page != ZEROS and number * PAGE < content.size)
    elif content.size < SPARSE_GAP:
        return [(0, content.size)]
    else:
        numbers = []
        for number in range(-(-len(content.data) // PAGE)):
            page = content.data[number * PAGE : (number + 1) * PAGE]
            if page != ZEROS[: len(page)]:
                numbers.append(number)
        if not content.data and content.size:  # bytes that aren't in memory: all of them
            return [(0, content.size)]
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
