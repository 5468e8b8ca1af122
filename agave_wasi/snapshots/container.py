"""The file of a snapshot: a header that says what made it and which parts there are, and the parts, each with its checksum.

    bytes[8]    MAGIC
    u32         VERSION, least byte first, as all numbers
    u32         length of the header
    bytes       the header, JSON: `made_by` (name -> version), `parts`: a list of [name, coding, bytes in the file, bytes,
                SHA-256 of what is in the file]; the coding is "raw" or "zlib"
    bytes[32]   SHA-256 of all that comes before
    bytes       the parts, in order, with nothing between them nor behind

A reader believes nothing: what doesn't hold is a SnapshotError that names the part, nothing is made that is larger than was
asked for, and nothing in a file is ever executed on the host.
"""

from __future__ import annotations

import json
import zlib
from hashlib import sha256

from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

MAGIC = b"\x89AGAVE\r\n"
VERSION = 1
MOST_PARTS = 10_000
LARGEST_HEADER = 4 << 20
RAW, ZLIB = "raw", "zlib"
_FIXED = len(MAGIC) + 8
_DIGEST = 32
_LEVEL = 1
"""Of compression: most of a guest's memory is either easy or hopeless."""
SAMPLES, _SAMPLE = 16, 1 << 14
"""Of what is large, so many pieces of so many bytes tell which it is: to try takes forty times as long as to write it as it is.
"""
_WORTH = 0.9
"""What they must come down to."""


def write(made_by: Mapping[str, str], parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A file of these parts."""
    rows, bodies = [], []
    for name, content in parts:
        stored, coding = content, RAW
        if _is_easy(content):
            compressed = zlib.compress(content, _LEVEL)
            if len(compressed) < len(content):
                stored, coding = compressed, ZLIB
        rows.append([name, coding, len(stored), len(content), sha256(stored).hexdigest()])
        bodies.append(stored)
    header = json.dumps({"made_by": dict(made_by), "parts": rows}, sort_keys=True).encode()
    begin = MAGIC + VERSION.to_bytes(4, "little") + len(header).to_bytes(4, "little") + header
    return b"".join([begin, sha256(begin).digest(), *bodies])


def _is_easy(content: bytes) -> bool:
    step = len(content) // SAMPLES
    if step <= _SAMPLE:
        return True
    sample = b"".join(content[at * step : at * step + _SAMPLE] for at in range(SAMPLES))
    return len(zlib.compress(sample, _LEVEL)) < _WORTH * len(sample)


class Container:
    """A file, taken apart: `made_by`, and `names` of its parts."""

    __slots__ = ("made_by", "_parts")

    def __init__(self, data: bytes) -> None:
        """SnapshotError if it isn't a snapshot of this version, or its header is damaged."""
        if data[: len(MAGIC)] != MAGIC:
            raise SnapshotError("this is no snapshot of a run, as `run --snapshot-at` writes it", 0)
        version = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
        if version != VERSION:
            raise SnapshotError(f"this snapshot has version {version}; only version {VERSION} can be read", len(MAGIC))
        length = int.from_bytes(data[_FIXED - 4 : _FIXED], "little")
        end = _FIXED + length
        if length > LARGEST_HEADER or end + _DIGEST > len(data):
            left = max(0, len(data) - _FIXED)
            raise SnapshotError(f"the header: {length} bytes are announced, and {left} follow", _FIXED - 4)
        if sha256(data[:end]).digest() != data[end : end + _DIGEST]:
            raise SnapshotError("the header: its checksum is wrong, so the file has been damaged", _FIXED)
        header = json_of("the header", data[_FIXED:end])
        made_by, rows = header.get("made_by"), header.get("parts")
        if not isinstance(made_by, dict) or not all(isinstance(each, str) for each in made_by.values()):
            raise SnapshotError("the header: it doesn't say what made the file", _FIXED)
        if not isinstance(rows, list) or len(rows) > MOST_PARTS:
            raise SnapshotError("the header: there is no list of parts", _FIXED)
        self.made_by: dict[str, str] = made_by
        self._parts: dict[str, tuple[str, memoryview, int, str, int]] = {}
        at = end + _DIGEST
        for row in rows:
            name, coding, stored, size, digest = _row(row)
            if name in self._parts:
                raise SnapshotError(f"the header: there are two parts {name!r}", _FIXED)
            if at + stored > len(data):
                raise SnapshotError(f"{name}: the file ends in the middle of it", at)
            self._parts[name] = coding, memoryview(data)[at : at + stored], size, digest, at
            at += stored
        if at != len(data):
            raise SnapshotError("there is something behind the last part", at)

    @property
    def names(self) -> list[str]:
        """The parts, in order."""
        return list(self._parts)

    def size(self, name: str) -> int:
        """Bytes of a part, as the header has it."""
        return self._parts[name][2] if name in self._parts else 0

    def part(self, name: str, most: int) -> bytes:
        """The content of a part, which has `most` bytes at most; SnapshotError."""
        if name not in self._parts:
            raise SnapshotError(f"{name}: the snapshot has no such part")
        coding, stored, size, digest, at = self._parts[name]
        if size > most:
            cure = " (--max-memory)" if name.startswith("region ") else ""
            raise SnapshotError(f"{name}: it has {size} bytes, more than the {most} that are allowed here{cure}", at)
        if sha256(stored).hexdigest() != digest:
            raise SnapshotError(f"{name}: its checksum is wrong, so the file has been damaged", at)
        if coding == RAW:
            content = bytes(stored)
        else:
            inflater = zlib.decompressobj()
            try:
                content = inflater.decompress(stored, size + 1)
            except zlib.error:
                raise SnapshotError(f"{name}: it isn't compressed as the header says", at) from None
            if len(content) == size and not inflater.eof:
                raise SnapshotError(f"{name}: it is cut off", at)
        if len(content) != size:
            raise SnapshotError(f"{name}: it has {len(content)} bytes, and not {size} as the header says", at)
        return content


def json_of(name: str, data: bytes) -> dict[str, Any]:
    """A part that is a JSON object; SnapshotError."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise SnapshotError(f"{name}: it is no JSON") from None
    if not isinstance(found, dict):
        raise SnapshotError(f"{name}: it is no JSON object")
    return found


def _row(row: object) -> tuple[str, str, int, int, str]:
    if isinstance(row, list) and [type(each) for each in row] == [str, str, int, int, str]:
        name, coding, stored, size, digest = row
        if coding in (RAW, ZLIB) and stored >= 0 and size >= 0 and name.isprintable():
            return name, coding, stored, size, digest
    raise SnapshotError(f"the header: {str(row)[:60]!r} describes no part", _FIXED)
