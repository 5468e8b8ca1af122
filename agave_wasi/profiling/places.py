"""What stands at an address of a guest's machine: functions of its modules, host functions, and glue between them."""

from __future__ import annotations

from agave_wasi.demangle import demangle
from agave_wasi.engines.x86.space import STUB_SIZE, STUBS, STUBS_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.engines.x86.store import Store
    from kernel_sim.cpu.machine import Machine

FUNCTION, HOST, ENGINE = "function", "host", "engine"
_ENGINE_PREFIX = "engine: "


class Place:
    """What instructions are counted for: a function of `module`, which has an `index` there, or what the host provides.

    `kind`: "function"; "host" for a host function; "engine" for what compiled code asks of its runtime, such as more memory.
    """

    __slots__ = ("kind", "name", "module", "index")

    def __init__(self, kind: str, name: str, module: int = 0, index: int = 0) -> None:
        self.kind = kind
        self.name = name
        self.module = module
        self.index = index


if TYPE_CHECKING:

    class Map(Protocol):
        """What is known of the addresses of any machine's code."""

        machine: Machine
        entries: tuple[int, ...]

        def at(self, address: int) -> Place | None: ...
        def within(self, address: int, target: int) -> bool: ...


class Places:
    """The places of one guest, each one object, by address. `machine` executes it, and is entered at `entries`."""

    __slots__ = ("store", "machine", "entries", "_functions", "_stubs")

    def __init__(self, store: Store) -> None:
        self.store = store
        self.machine = store.machine
        self.entries: tuple[int, ...] = (STUBS,)
        self._functions: dict[tuple[int, int], Place] = {}
        self._stubs: dict[int, Place] = {}

    def at(self, address: int) -> Place | None:
        """The place that holds `address`; None for glue, which counts for who calls it."""
        if STUBS <= address < STUBS + STUBS_SIZE:
            return self._stub(address)
        found = self.function(address)
        if found is None:
            return None
        number, index = found
        place = self._functions.get(found)
        if place is None:
            place = Place(FUNCTION, self.name(number, index), number, index)
            self._functions[found] = place
        return place

    def name(self, number: int, index: int) -> str:
        """What the function of a module is called."""
        known = self.module(number).names.function(index)
        return demangle(known) if known else f"function {index}"

    def module(self, number: int) -> Module:
        """A module by its number, in the order in which they were instantiated first."""
        return self.store.images[number][2]

    def function(self, address: int) -> tuple[int, int] | None:
        """The numbers of the module and of its function whose code is there."""
        for number, (text, _, module) in enumerate(self.store.images):
            if 0 <= address - text < len(module.image.text):
                index = module.image.function_at(address - text)
                return None if index is None else (number, index)
        return None

    def within(self, address: int, target: int) -> bool:
        """Are both of the same function, and isn't `target` where that begins?"""
        found = self.function(address)
        if found is None or self.function(target) != found:
            return False
        text, _, module = self.store.images[found[0]]
        return target != text + module.image.functions[found[1]]

    def _stub(self, address: int) -> Place | None:
        name = self.store.gate_names.get(address & -STUB_SIZE)
        if not name:  # code that enters and leaves the guest, or is round another stub
            return None
        place = self._stubs.get(address & -STUB_SIZE)
        if place is None:
            kind = ENGINE if name.startswith(_ENGINE_PREFIX) else HOST
            index = (address - STUBS) // STUB_SIZE
            place = self._stubs[address & -STUB_SIZE] = Place(kind, name.removeprefix(_ENGINE_PREFIX), index=index)
        return place
