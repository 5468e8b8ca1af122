"""The bytes of an image on their way in: decompressed, forwards only, and within limits.

Nobody has checked the archive yet, so each step here takes no more memory than it says: decompressors are asked for
small pieces, xz may not have a huge dictionary, and whatever comes out is counted.
"""

from __future__ import annotations

import tarfile
from typing import IO, Protocol

from agave_wasi.image_names import ImageError

PIECE = 1 << 20
CHUNK = 1 << 16
BLOCK = 512
MAX_HEADER = 1 << 20
"""Bytes of headers that one member may have: its name, its times, the map of its holes."""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


class Forward:
    """A stream that only goes forwards and keeps to its limits, with as much of a file's interface as tarfile uses."""

    def __init__(self, source: Readable, limit: int, image: str) -> None:
        self.source = source
        self.limit = limit
        self.image = image
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
                f"{self.image} holds more than this file system may, after {self.limit} bytes; allow more (--fs-quota)"
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

        unzipped: Readable = gzip.GzipFile(fileobj=source, mode="rb")  # type: ignore[call-overload]  # it only reads
        return unzipped
    if kind == "bzip2":
        import bz2

        unpacked: Readable = bz2.BZ2File(source, "rb")  # type: ignore[call-overload]  # likewise
        return unpacked
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
                        raw = self.source.read(CHUNK)
                        if not raw:
                            return b""
                        given = raw.lstrip(b"\0")
                    self._restart()
                elif self.decompressor.needs_input:
                    given = self.source.read(CHUNK)
                    if not given:
                        raise EOFError("the compressed data ends too early")
                data = self.decompressor.decompress(given, size)
                if data:
                    return data
        except lzma.LZMAError as error:
            raise ValueError(f"bad xz data: {error}") from None
