"""A snapshot: a world, a guest in the middle of its program, and the program, in memory or in a file.

Parts of a file (`container`): `state`, JSON: what ran, where it stands, registers, records of the engine and of components, and
the `layout` that the programs have once they are linked; `world`, as `agave_wasi.saving` has it; `stdin`, what was left of an
input that isn't live; `program N`, the WebAssembly, or an ELF file; `image N`, machine code that was made of a module, if that
isn't large; `region NAME`, writable memory: how many bytes in all (64 bits), how many pieces follow and the number of each (32
bits), those pieces. All others are zero.
"""

from __future__ import annotations

import json
import os
from struct import pack, unpack_from

from agave_wasi import __version__
from agave_wasi.binary.reader import kind_of
from agave_wasi.engines.x86.compile import UNICORN
from agave_wasi.engines.x86.store import SHIPPED
from agave_wasi.engines.x86.vmctx import WASMTIME
from agave_wasi.loader import ELF
from agave_wasi.snapshots.container import Container, json_of, write
from kernel_sim.cpu.checkpoint import PIECE, ZEROS
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agave_wasi.result import Result
    from kernel_sim.cpu.checkpoint import Piece

DEFAULT_MEMORY = 4 << 30
"""Bytes of a guest's memory that aren't zero, unless more are allowed."""
MOST = 1 << 30
"""Bytes of any other part."""
MOST_PROGRAMS = 1000
MOST_IMAGES = 100_000
LARGEST_REGION = 1 << 35
ALL_REGIONS = 1 << 37
"""Bytes that all regions have together, zeros too, for which there are places in lists."""
LARGEST_STATE = 64 << 20
"""Bytes of JSON, which is many times as much in memory."""
_NEEDS = {"wasmtime": WASMTIME, "unicorn": UNICORN}


class Kept:
    """A program of a snapshot: the main one, whose `module` is empty, or a library by the import that it satisfies."""

    __slots__ = ("module", "name", "wasm")

    is_component = False

    def __init__(self, module: str, name: str, wasm: bytes) -> None:
        self.module = module
        self.name = name
        self.wasm = wasm

    @property
    def is_machine_code(self) -> bool:
        """Is it an ELF file?"""
        return self.wasm[: len(ELF)] == ELF

    def modules_within(self) -> Iterator[tuple[str, bytes]]:
        """As a program's: what backtraces are made of."""
        if kind_of(self.wasm) == "component":
            from agave_wasi.component.binary import decode
            from agave_wasi.components import ComponentProgram

            yield from ComponentProgram(self.name, self.wasm, decode(self.wasm), "").modules_within()
        else:
            yield self.name.rpartition("/")[2], self.wasm


class Image:
    """Machine code of a snapshot: `source` is the SHA-256 of what it was made of, `code` its own; `data` is empty if it is left
    out."""

    __slots__ = ("source", "code", "data")

    def __init__(self, source: str, code: str, data: bytes) -> None:
        self.source = source
        self.code = code
        self.data = data


class Snapshot:
    """A run that stands at a point. `state` is plain data; `pages` are memory in pieces, by region; `stdin` is what was left of
    the input, None if that was live; `images` are what was compiled of the programs."""

    __slots__ = ("state", "world", "stdin", "programs", "pages", "images")

    def __init__(
        self,
        state: dict[str, Any],
        world: bytes,
        stdin: bytes | None,
        programs: list[Kept],
        pages: dict[str, list[Piece]],
        images: list[Image],
    ) -> None:
        self.state = state
        self.world = world
        self.stdin = stdin
        self.programs = programs
        self.pages = pages
        self.images = images

    @property
    def point(self) -> str:
        """Where it was asked to stop."""
        return str(self.state.get("point"))

    @property
    def count(self) -> int:
        """Instructions that have run; 0 if they weren't counted."""
        store = self.state.get("store", self.state)
        count = store.get("count") if isinstance(store, dict) else None
        return count if isinstance(count, int) else 0

    def __repr__(self) -> str:
        return f"<Snapshot at {self.point}>"

    def resume(self, **options: Any) -> Result:
        """Go on from here, as `agave_wasi.snapshots.resume`."""
        from agave_wasi.snapshots.running import resume

        return resume(self, **options)

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, which is old or new at any time; OSError, and nothing is left of what was begun."""
        data = self.to_bytes()
        if os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device isn't replaced
            with open(path, "wb") as file:
                file.write(data)
            return
        target = os.path.realpath(path)
        new = f"{target}.{os.getpid()}.new"
        try:
            with open(new, "wb") as file:
                file.write(data)
            os.replace(new, target)
        except BaseException:
            if os.path.exists(new):
                os.unlink(new)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str], max_memory: int | None = None) -> Snapshot:
        """Read it from a file; SnapshotError says what is wrong with it, OSError."""
        with open(path, "rb") as file:
            return cls.from_bytes(file.read(), max_memory)

    def to_bytes(self) -> bytes:
        """What a file has. The same snapshot gives the same bytes."""
        rows = [[each.module, each.name] for each in self.programs]
        made = [[each.source, each.code] for each in self.images]
        state = json.dumps(self.state | {"programs": rows, "images": made}, sort_keys=True).encode()
        parts = [("state", state), ("world", self.world)]
        if self.stdin is not None:
            parts.append(("stdin", self.stdin))
        parts += [(f"program {number}", each.wasm) for number, each in enumerate(self.programs)]
        parts += [(f"image {number}", each.data) for number, each in enumerate(self.images) if each.data]
        parts += [(f"region {name}", _packed(pieces)) for name, pieces in sorted(self.pages.items())]
        return write({"agave-wasi": __version__, **_NEEDS}, parts)

    @classmethod
    def from_bytes(cls, data: bytes, max_memory: int | None = None) -> Snapshot:
        """What `to_bytes` wrote; SnapshotError for anything else, and for more than `max_memory` bytes of memory."""
        container = Container(data)
        for name, needed in _NEEDS.items():
            made = container.made_by.get(name)
            if made != needed:
                raise SnapshotError(f"the snapshot was made with {name} {made}, and goes on only there; here is {needed}")
        state = json_of("state", container.part("state", LARGEST_STATE))
        rows, made_of = state.pop("programs", None), state.pop("images", None)
        if not _are_pairs(rows, MOST_PROGRAMS) or not rows or not _are_pairs(made_of, MOST_IMAGES):
            raise SnapshotError("state: it doesn't say which programs ran")
        programs = [
            Kept(module, name, container.part(f"program {number}", MOST)) for number, (module, name) in enumerate(rows)
        ]
        names = set(container.names)
        images = [
            Image(source, code, container.part(f"image {number}", SHIPPED) if f"image {number}" in names else b"")
            for number, (source, code) in enumerate(made_of)
        ]
        pages = {}
        left, room = DEFAULT_MEMORY if max_memory is None else max_memory, ALL_REGIONS
        for name in container.names:
            if name.startswith("region "):
                size = container.size(name)
                pages[name[7:]] = pieces = _unpacked(name, container.part(name, left + _slack(size)), room)
                left, room = max(0, left - size), room - PIECE * len(pieces)
        stdin = container.part("stdin", MOST) if "stdin" in container.names else None
        return cls(state, container.part("world", MOST), stdin, programs, pages, images)


def _slack(size: int) -> int:
    """What a region of so many bytes takes beside its pieces, and beside the stack and tables of a small guest."""
    return PIECE * 64 + size // 1024


def _are_pairs(rows: object, most: int) -> bool:
    """Is it a list of at most so many pairs of texts?"""
    if not isinstance(rows, list) or len(rows) > most:
        return False
    return all(isinstance(row, list) and len(row) == 2 and all(isinstance(each, str) for each in row) for row in rows)


def _packed(pieces: list[Piece]) -> bytes:
    kept = [number for number, piece in enumerate(pieces) if piece is not ZEROS]
    size = sum(map(len, pieces))
    return b"".join([pack(f"<QI{len(kept)}I", size, len(kept), *kept), *(pieces[number] for number in kept)])


def _unpacked(name: str, data: bytes, room: int) -> list[Piece]:
    """A region's pieces, if it has no more bytes than there is `room`."""
    if len(data) < 12:
        raise SnapshotError(f"{name}: it has only {len(data)} bytes")
    size, count = unpack_from("<QI", data)
    start = 12 + 4 * count
    total = -(-size // PIECE)
    if size > min(LARGEST_REGION, room) or count > total or start > len(data):
        raise SnapshotError(f"{name}: {count} pieces of {size} bytes can't be")
    pieces: list[Piece] = [ZEROS] * total
    if size % PIECE:
        pieces[-1] = bytes(size % PIECE)
    last = -1
    view = memoryview(data)
    for number in unpack_from(f"<{count}I", data, 12):
        if not last < number < total:
            raise SnapshotError(f"{name}: its pieces are not in order")
        last = number
        end = start + len(pieces[number])
        pieces[number] = view[start:end]
        if end > len(data):
            raise SnapshotError(f"{name}: it ends within piece {number}")
        start = end
    if start != len(data):
        raise SnapshotError(f"{name}: there is something behind its last piece")
    return pieces
