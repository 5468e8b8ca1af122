"""The bytes of a regular file in memory, behind one narrow interface: read, write, truncate, allocate, size.

`DenseContent` is a byte array whose tail may be an unstored hole, which is what nearly every file is. A file with a big
hole in it becomes a `SparseContent`: pages by number, missing ones are zeros. Both tell how many bytes they store, and ask
the file system for room before they store more, so a write that half fits writes the half.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.fs.filesystem import FileSystem

PAGE = 1 << 16
SPARSE_GAP = 1 << 20
"""A hole of at least this many bytes inside a file turns it into pages."""
DIRECT_COPY = 1 << 14
"""From this size on a copy goes through a view of the array, which saves a temporary but costs a little to make."""


class DenseContent:
    """Stored bytes `data`, then zeros up to `size`. `shared`: somebody keeps these bytes, so a change must copy first."""

    __slots__ = ("data", "size", "shared")

    def __init__(self, data: bytes | bytearray = b"") -> None:
        self.data = bytearray(data)
        self.size = len(data)
        self.shared = False

    def clone(self) -> DenseContent:
        """The same bytes, for a change."""
        clone = DenseContent(self.data)
        clone.size = self.size
        return clone

    def stored(self) -> int:
        """Bytes that count against the quota."""
        return len(self.data)

    def read(self, offset: int, buffers: Sequence[memoryview]) -> int:
        """Fill `buffers` from `offset`; how many bytes there were."""
        data = self.data
        start = offset
        for view in buffers:
            wanted = len(view)
            if wanted < DIRECT_COPY:
                chunk = data[offset : offset + wanted]
                got = len(chunk)
                if got == wanted:
                    view[:] = chunk
                    offset += got
                    continue
                view[:got] = chunk
            else:
                with memoryview(data) as stored, stored[offset : offset + wanted] as part:
                    got = len(part)
                    view[:got] = part
            if got != wanted:
                got = self._read_hole(offset, view, got)
                if got != wanted:
                    return offset + got - start
            offset += wanted
        return offset - start

    def _read_hole(self, offset: int, view: memoryview, got: int) -> int:
        """`got` stored bytes were read; add the zeros up to the size. Answers the bytes read into `view`."""
        count = max(got, min(len(view), self.size - offset))
        view[got:count] = bytes(count - got)
        return count

    def write(self, offset: int, buffers: Sequence[memoryview], fs: FileSystem) -> int:
        """Write `buffers` at `offset`; how many bytes found room."""
        data = self.data
        start = offset
        length = len(data)
        for view in buffers:
            count = len(view)
            end = offset + count
            if end > length and count:
                if fs.max_bytes - fs.used_bytes < end - length:
                    count = max(0, fs.room(end - length) + length - offset)
                    if not count:
                        break
                    view = view[:count]
                    end = offset + count
                if offset > length:
                    data.extend(bytes(offset - length))
                fs.used_bytes += end - length
                length = end
            if count >= DIRECT_COPY and end <= len(data):
                with memoryview(data) as stored:
                    stored[offset:end] = view
            else:
                data[offset:end] = view
            offset = end
        if offset > start and offset > self.size:
            self.size = offset
        return offset - start

    def truncate(self, size: int, fs: FileSystem) -> None:
        """Cut, or add a hole."""
        if size < len(self.data):
            fs.used_bytes -= len(self.data) - size
            del self.data[size:]
        self.size = size

    def allocate(self, offset: int, end: int, fs: FileSystem) -> None:
        """Store everything up to `end`, all or nothing; `offset` is where the wish begins."""
        missing = end - len(self.data)
        if missing > 0:
            if fs.room(missing) < missing:
                raise KernelError(Errno.NOSPC)
            self.data.extend(bytes(missing))
            fs.used_bytes += missing
            self.size = max(self.size, end)

    def would_be_sparse(self, offset: int) -> bool:
        """Would a write at `offset` leave a hole too big to store?"""
        return offset - len(self.data) >= SPARSE_GAP

    def tobytes(self) -> bytes:
        """The whole content; for files that are known to be small enough."""
        return bytes(self.data) + bytes(self.size - len(self.data))


class SparseContent:
    """Pages of `PAGE` bytes by number; a missing one is zeros. `shared` as of `DenseContent`."""

    __slots__ = ("pages", "size", "shared")

    def __init__(self, size: int = 0) -> None:
        self.pages: dict[int, bytearray] = {}
        self.size = size
        self.shared = False

    def clone(self) -> SparseContent:
        clone = SparseContent(self.size)
        clone.pages = {number: bytearray(page) for number, page in self.pages.items()}
        return clone

    @classmethod
    def of(cls, dense: DenseContent, fs: FileSystem) -> SparseContent:
        """The same bytes as pages; NOSPC if the quota has no room for the rounding up and one page more."""
        sparse = cls(dense.size)
        data = dense.data
        needed = -len(data) % PAGE + PAGE
        if fs.room(needed) < needed:
            raise KernelError(Errno.NOSPC)
        for start in range(0, len(data), PAGE):
            page = bytearray(PAGE)
            piece = data[start : start + PAGE]
            page[: len(piece)] = piece
            sparse.pages[start // PAGE] = page
        fs.used_bytes += sparse.stored() - dense.stored()
        return sparse

    def stored(self) -> int:
        return len(self.pages) * PAGE

    def read(self, offset: int, buffers: Sequence[memoryview]) -> int:
        start = offset
        for view in buffers:
            done = 0
            wanted = min(len(view), max(0, self.size - offset))
            while done < wanted:
                number, within = divmod(offset, PAGE)
                count = min(PAGE - within, wanted - done)
                page = self.pages.get(number)
                view[done : done + count] = bytes(count) if page is None else page[within : within + count]
                done += count
                offset += count
            if wanted < len(view):
                break
        return offset - start

    def write(self, offset: int, buffers: Sequence[memoryview], fs: FileSystem) -> int:
        start = offset
        for view in buffers:
            done = 0
            while done < len(view):
                number, within = divmod(offset, PAGE)
                page = self._page(number, fs)
                if page is None:
                    if offset > start:
                        self.size = max(self.size, offset)
                    return offset - start
                count = min(PAGE - within, len(view) - done)
                page[within : within + count] = view[done : done + count]
                done += count
                offset += count
        self.size = max(self.size, offset) if offset > start else self.size
        return offset - start

    def _page(self, number: int, fs: FileSystem) -> bytearray | None:
        """The page, made if it is missing; None if the quota has no room for it."""
        page = self.pages.get(number)
        if page is None:
            if fs.room(PAGE) < PAGE:
                return None
            page = self.pages[number] = bytearray(PAGE)
            fs.used_bytes += PAGE
        return page

    def truncate(self, size: int, fs: FileSystem) -> None:
        last, within = divmod(size, PAGE)
        gone = [number for number in self.pages if number > last or (number == last and not within)]
        for number in gone:
            del self.pages[number]
        fs.used_bytes -= len(gone) * PAGE
        if within and last in self.pages:
            self.pages[last][within:] = bytes(PAGE - within)
        self.size = size

    def allocate(self, offset: int, end: int, fs: FileSystem) -> None:
        """Store the pages of the range, all or nothing."""
        lacking = end - offset - self.stored()
        if fs.room(lacking) < lacking:  # before the list below is made, which a huge range would make huge
            raise KernelError(Errno.NOSPC)
        missing = [number for number in range(offset // PAGE, -(-end // PAGE)) if number not in self.pages]
        if fs.room(len(missing) * PAGE) < len(missing) * PAGE:
            raise KernelError(Errno.NOSPC)
        for number in missing:
            self.pages[number] = bytearray(PAGE)
        fs.used_bytes += len(missing) * PAGE
        self.size = max(self.size, end)

    def would_be_sparse(self, offset: int) -> bool:
        return False

    def tobytes(self) -> bytes:
        whole = bytearray(self.size)
        for number, page in self.pages.items():
            start = number * PAGE
            whole[start : start + PAGE] = page[: max(0, self.size - start)]
        return bytes(whole)
