"""A store's VMStoreContext: what all instances of a guest share with the engine, at one address of the arena."""

from __future__ import annotations

from struct import Struct

from agave_wasi.engines.x86.gcheap import LIMIT
from agave_wasi.engines.x86.space import COLLECTED
from agave_wasi.engines.x86.vmctx import version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agave_wasi.engines.x86.arena import Arena

_FUEL = Struct("<q")
_EXITS = Struct("<5Q")
_FIELDS = version().structs["store"]
_EXIT = _FIELDS["last_wasm_exit_trampoline_fp"]

Exits = tuple[int, int, int, int, int]
"""Where WebAssembly was left (frame pointer of the glue, address) and entered (stack pointer, frame pointer, handler)."""


class StoreContext:
    """The context at `address`; code traps below `stack_limit`."""

    __slots__ = ("address", "_view")

    def __init__(self, arena: Arena, stack_limit: int) -> None:
        self.address = arena.take(_FIELDS["size"])
        self._view = arena.bytes(self.address, _FIELDS["size"])
        arena.set_word(self.address + _FIELDS["stack_limit"], stack_limit)
        arena.set_word(self.address + _FIELDS["gc_heap_base"], COLLECTED)
        arena.set_word(self.address + _FIELDS["gc_heap_length"], LIMIT)

    @property
    def fuel(self) -> int:
        """Fuel that is used, less what was given: compiled code counts it up."""
        return int(_FUEL.unpack_from(self._view, _FIELDS["fuel"])[0])

    @fuel.setter
    def fuel(self, value: int) -> None:
        _FUEL.pack_into(self._view, _FIELDS["fuel"], value)

    def save_exits(self) -> Exits:
        """What a call within a call overwrites."""
        return _EXITS.unpack_from(self._view, _EXIT)

    def restore_exits(self, exits: Exits) -> None:
        """Behind such a call."""
        _EXITS.pack_into(self._view, _EXIT, *exits)


def exits_of(current: Exits, outer: Sequence[Exits]) -> Iterator[tuple[int, int, int]]:
    """(frame pointer of the glue, return address, frame pointer of the entry) of each call, the innermost first."""
    for fp, pc, _, entry, _ in (current, *reversed(outer)):
        yield fp, pc, entry
