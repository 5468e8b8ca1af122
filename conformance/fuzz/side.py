"""One side of the fuzzer: a guest with a memory, its functions, and how a call ended.

In this process functions are called through wasmtime's quickest door: slots are packed as an engine lays them out, 16 bytes
each, and `wasmtime_func_call_unchecked` runs the function: about a microsecond, where a call with values of the API's own takes
ten. What isn't a plain return is told as an `Ended`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from ctypes import CDLL, CFUNCTYPE, addressof, c_char, c_int, c_size_t, c_uint64, c_void_p, memset
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import Any

from agave_wasi.engines import capi
from conformance.calls.trees import Snapshot
from conformance.fuzz.layout import MEMORY, slot_letters

MOST_SLOTS = 16
_u32 = Struct("<I").pack_into


@dataclass(frozen=True)
class Ended:
    """A call that didn't return: "trap", "exit" with a code, "bug", which is an exception that nobody expects, or "crash"."""

    how: str
    text: str = ""
    code: int = 0

    def __str__(self) -> str:
        match self.how:
            case "exit":
                return f"exit code {self.code}"
            case "trap":
                return f"trap: {self.text}"
        return f"{self.how}: {self.text}"


Answer = int | Ended
Piece = tuple[int, bytes]


@cache
def _library() -> CDLL:
    return CDLL(capi.library_path(capi.package_folder()))


@cache
def unchecked() -> Any:
    """wasmtime_func_call_unchecked as a function of five addresses and sizes."""
    kind = CFUNCTYPE(c_size_t, c_size_t, c_size_t, c_size_t, c_size_t, c_size_t)
    return kind(("wasmtime_func_call_unchecked", _library()))


@cache
def memcmp() -> Any:
    """memcmp of addresses."""
    found = CDLL(None).memcmp
    found.argtypes, found.restype = [c_size_t, c_size_t, c_size_t], c_int
    return found


@cache
def _packer(name: str) -> Callable[..., None]:
    return Struct("<" + "".join("I12x" if letter == "i" else "Q8x" for letter in slot_letters(name))).pack_into


class Side(ABC):
    """A guest with its memory at `base`. `also`: what must be put into memory for this one's sake, whatever the call.

    `has_rights`: a descriptor can do only what its rights allow, so the other side must have it so too.
    """

    title = ""
    has_rights = False
    also: tuple[Piece, ...] = ()

    def __init__(self, base: int) -> None:
        self.base = base
        self.memory = memoryview((c_char * MEMORY).from_address(base)).cast("B")
        self.slots = (c_uint64 * (2 * MOST_SLOTS))()
        self.view = memoryview(self.slots).cast("B")

    @abstractmethod
    def call(self, name: str, slots: Sequence[int]) -> Answer:
        """Call a function: its errno, or how it ended."""

    @property
    @abstractmethod
    def span(self) -> tuple[int, int]:
        """When files of this run can have been touched."""

    @abstractmethod
    def tree(self) -> Snapshot:
        """All files, as data."""

    @abstractmethod
    def close(self) -> None:
        """Free everything."""

    def prepare(self, fill: int, pieces: Sequence[Piece], places: Sequence[tuple[int, int]]) -> None:
        """Fill the whole memory with a byte, and put pieces and 32-bit numbers into it."""
        memset(self.base, fill, MEMORY)
        memory = self.memory
        for at, piece in pieces:
            memory[at : at + len(piece)] = piece
        for at, number in places:
            _u32(memory, at, number)

    def pack(self, name: str, slots: Sequence[int]) -> None:
        """Put a call's arguments into the slots."""
        _packer(name)(self.view, 0, *slots)


class Direct(Side):
    """A guest in this process. Whoever makes one gives the store's context and each function's address."""

    def __init__(self, context: int, base: int) -> None:
        super().__init__(base)
        self.context = context
        self._slots = addressof(self.slots)
        self.trap = c_void_p()
        self._trap = addressof(self.trap)
        self._call = unchecked()
        self._doors: dict[str, tuple[Callable[..., None], int, int]] = {}

    @abstractmethod
    def address(self, name: str) -> int:
        """The address of an exported function's handle."""

    @abstractmethod
    def ending(self, trap: int | None, error: int | None) -> Ended:
        """What a call that didn't return has ended with; trap and error are given back."""

    def call(self, name: str, slots: Sequence[int]) -> Answer:
        door = self._doors.get(name)
        if door is None:
            door = self._doors[name] = _packer(name), self.address(name), len(slots) or 1
        pack, address, count = door
        pack(self.view, 0, *slots)
        error = self._call(self.context, address, self._slots, count, self._trap)
        if error or self.trap.value:
            trap, self.trap.value = self.trap.value, None
            return self.ending(trap, error or None)
        return self.slots[0] & 0xFFFF_FFFF
