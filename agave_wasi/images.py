"""File-system images: tar archives that a tree in memory is loaded from, and saved to.

Loading trusts nothing. The archive is read once, forwards; everything that it wants to store is charged to the tree's
quota as it arrives, headers and all decompressed bytes have limits of their own, and the tree is only touched when the
whole archive has been understood. Nothing is ever extracted to the host. Saving is `agave_wasi.image_saving`.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from typing import IO, Any

from agave_wasi.image_names import MAX_NAME, ImageError, nanoseconds, printable, to_bytes
from agave_wasi.image_saving import image_bytes, save_image
from agave_wasi.image_streams import BLOCK, MAX_HEADER, PIECE, Forward, decompressed
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import NAME_MAX, Directory, Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink

SLACK = 1 << 26
"""Decompressed bytes that an archive may have beyond what the quota could hold."""
SPECIAL = {
    tarfile.CHRTYPE: "a character device",
    tarfile.BLKTYPE: "a block device",
    tarfile.FIFOTYPE: "a FIFO",
}
REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE)


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
        kept = merge(self.tree, self.staged)
        for inode, mtime in self.dates:
            inode = kept.get(id(inode), inode)
            inode.atime = inode.mtime = inode.ctime = mtime
        return self.warnings

    def _read(self) -> None:
        fs = self.tree.fs
        limit = fs.max_bytes - fs.used_bytes + 2 * BLOCK * (fs.max_inodes - fs.used_inodes) + SLACK
        member = "its beginning"
        try:
            stream = self.stream = Forward(decompressed(self.file, self.name), limit, self.name)
            archive = tarfile.TarFile(fileobj=stream, mode="r", encoding="utf-8", errors="surrogateescape")  # type: ignore[arg-type]
            while True:
                stream.headers_left = MAX_HEADER
                info = archive.next()
                if info is None:
                    break
                archive.members = []  # type: ignore[attr-defined]  # it would remember them all
                member = printable(info.name)
                stream.headers_left = None
                self._add(info, member)
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

    def _add(self, info: tarfile.TarInfo, member: str) -> None:
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
            made = self._make_symlink(directory, name, info) if info.issym() else self._make_file(directory, name, info, member)
        self.dates.append((made, nanoseconds(info)))

    def _names(self, path: str, member: str) -> list[bytes]:
        """The components of a member's path; one that is absolute means the same from the top of the tree."""
        raw = to_bytes(path)
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
                raise self._refuse(member, f"lies below {printable(name)}, which is {kind}", "pack it by its real path")
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
        target = to_bytes(info.linkname)
        if not target or 0 in target:
            raise KernelError(Errno.INVAL)
        directory.symlink(name, target)
        return directory.lookup(name)

    def _make_file(self, directory: MemDirectory, name: bytes, info: tarfile.TarInfo, member: str) -> Inode:
        """A regular file; holes stay holes, and there must be room for its bytes before they are read."""
        if info.size < 0:
            raise self._refuse(member, "has a negative size", "make the archive again")
        fs = self.tree.fs
        file = directory.create(name)
        table: Any = info.sparse
        pieces: list[tuple[int, int]] = [(0, info.size)] if table is None else [piece for piece in table if piece[1]]
        wanted = sum(size for _, size in pieces)
        if fs.room(wanted) < wanted:
            raise KernelError(Errno.NOSPC)
        self.stream.seek(info.offset_data)
        end = 0
        for offset, size in pieces:  # what is stored follows each other without gaps
            if offset < end or size < 0 or offset + size > info.size:
                raise self._refuse(member, "has a map of holes that makes no sense", "pack it without --sparse")
            end = offset + size
            while offset < end:
                piece = self.stream.read(min(PIECE, end - offset))
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
                where = printable(path + b"/" + name)
                raise ImageError(f"{image}: {where} is something else in this world already; leave it out of the archive")


def merge(tree: MemDirectory, staged: MemDirectory) -> dict[int, Inode]:
    """Lay `staged` over `tree`; it has been checked that this works. The directories that stayed, by the id of the new."""
    kept: dict[int, Inode] = {}
    pending = [(tree, staged)]
    while pending:
        old, new = pending.pop()
        for name, (_, inode) in new.names.items():
            there = old.names.get(name, (0, None))[1]
            if isinstance(there, MemDirectory) and isinstance(inode, MemDirectory):
                kept[id(inode)] = there
                there.fs.used_inodes -= 1
                pending.append((there, inode))
                continue
            if there is not None:
                old.unlink(name)
            old._add(name, inode)
            if isinstance(inode, MemDirectory):
                old.nlink += 1
                inode.parent = old
                inode.listing = None
    return kept


__all__ = ["ImageError", "image_bytes", "load_image", "save_image"]
