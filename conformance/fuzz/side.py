"""One side of the fuzzer: a guest with a memory, its functions, and how a call ended.

In this process functions are called through wasmtime's quickest door: slots are packed as an engine lays them out, 16 bytes
each, and `wasmtime_func_call_unchecked` runs the function: about a microsecond, where a call with values of the API's own takes
ten. Functions of C are given pointers that are made once (`pointer`): to check and convert a number takes ctypes as long as all
the rest of a call. What isn't a plain return is told as an `Ended`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from ctypes import PyDLL, byref, c_char, c_int, c_size_t, c_uint64, c_void_p
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import Any

from agave_wasi.engines import capi
from conformance.calls.trees import Snapshot
from conformance.fuzz.layout import MEMORY, slot_letters

MOST_SLOTS = 16


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


def pointer(address: int) -> Any:
    """An address as functions of C are given it."""
    return byref(c_char.from_address(address))


def _function(path: str | None, name: str, result: Any) -> Any:
    """A function of a library; None is C's own. The interpreter's lock is kept: no call here takes long."""
    found = PyDLL(path)[name]
    found.restype = result
    return found


@cache
def unchecked() -> Any:
    """wasmtime_func_call_unchecked, of pointers and a size: the address of an error, or None."""
    return _function(capi.library_path(capi.package_folder()), "wasmtime_func_call_unchecked", c_void_p)


@cache
def memcmp() -> Any:
    """memcmp of pointers and a size."""
    return _function(None, "memcmp", c_int)


@cache
def memset() -> Any:
    """memset of a pointer, a byte and a size."""
    return _function(None, "memset", None)


WHOLE = c_size_t(MEMORY)
"""All of a guest's memory, as functions of C are given a size."""


@cache
def packer(name: str) -> Callable[..., None]:
    """What puts a function's arguments into slots."""
    return Struct("<" + "".join("I12x" if letter == "i" else "Q8x" for letter in slot_letters(name))).pack_into


class Side(ABC):
    """A guest with its memory at `base`. `also`: what must be put into memory for this one's sake, whatever the call.

    `has_rights`: a descriptor can do only what its rights allow, so the other side must have it so too.
    """

    title = ""
    has_rights = False
    also: tuple[Piece, ...] = ()

    def __init__(self, base: int) -> None:
        self.memory = memoryview((c_char * MEMORY).from_address(base)).cast("B")
        self.base = pointer(base)
        self._fill = memset()
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

    def prepare(self, fill: int, pieces: Sequence[Piece]) -> None:
        """Fill the whole memory with a byte, and put pieces into it."""
        self._fill(self.base, fill, WHOLE)
        memory = self.memory
        for at, piece in pieces:
            memory[at : at + len(piece)] = piece

    def put(self, at: int, number: int) -> None:
        """Put a number of 32 bits into memory that is prepared."""
        self.memory[at : at + 4] = number.to_bytes(4, "little")

    def pack(self, name: str, slots: Sequence[int]) -> None:
        """Put a call's arguments into the slots."""
        packer(name)(self.view, 0, *slots)


class Direct(Side):
    """A guest in this process. Whoever makes one gives the store's context and each function's address."""

    def __init__(self, context: int, base: int) -> None:
        super().__init__(base)
        self._context = pointer(context)
        self._words = self.view.cast("I")
        self.trap = c_void_p()
        self._call = unchecked()
        self._doors: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {}

    @abstractmethod
    def address(self, name: str) -> int:
        """The address of an exported function's handle."""

    @abstractmethod
    def ending(self, trap: int | None, error: int | None) -> Ended:
        """What a call that didn't return has ended with; trap and error are given back."""

    def call(self, name: str, slots: Sequence[int]) -> Answer:
        door = self._doors.get(name)
        if door is None:
            door = self._doors[name] = self._door(name, len(slots))
        pack, arguments = door
        pack(self.view, 0, *slots)
        error = self._call(*arguments)
        if error or self.trap.value:
            trap, self.trap.value = self.trap.value, None
            return self.ending(trap, error)
        return self._words[0]

    def _door(self, name: str, count: int) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """What packs a function's slots, and what it is called with."""
        slots = byref(self.slots), c_size_t(count or 1)
        return packer(name), (self._context, pointer(self.address(name)), *slots, byref(self.trap))
