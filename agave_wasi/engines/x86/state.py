"""A store's state as plain data, so that another store with the same programs linked can go on from it.

Three things make it whole: registers and the host's own records, from `capture`; the bytes of regions, from `read_pages` with
what is `used` of them; and the programs themselves, linked again in the same order without running anything (`Store.starter`).
The `layout` says what both stores must have in common. What is restored may come from anywhere, so it is held to what could be.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.space import ARENA_SIZE, WASM_PAGE
from kernel_sim.cpu import registers
from kernel_sim.cpu.layout import up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agave_wasi.engines.x86.items import LinearMemory, Table
    from agave_wasi.engines.x86.store import Store

_SIGN = 1 << 63
HEAP = "collected heap"
"""The region of exceptions."""


class BadState(EngineError):
    """What is to be restored can't be a state of this store; the text names the part."""


def layout(store: Store) -> dict[str, Any]:
    """What linking alone has made: equal in two stores that can have the same state. Plain data."""
    return {
        "images": [[text, data, module.digest] for text, data, module in store.images],
        "instances": [[each.context, each.code, len(each.segments)] for each in store.instances],
        "memories": [[each.base, each.definition, each.minimum, each.maximum] for each in _memories(store)],
        "tables": [[each.definition, each.element, each.minimum, each.maximum] for each in _tables(store)],
        "types": [list(type) for type in store.types],
        "gates": len(store.machine.gates),
        "stack": [store.stack.start, store.stack.size],
        "fuel": store.engine.config.fuel,
    }


def used(store: Store) -> dict[str, int]:
    """How much of the regions that are large is in use, in bytes."""
    found = {_region(memory): memory.pages * WASM_PAGE for memory in _memories(store)}
    if store.exceptions.heap is not None:
        found[HEAP] = up(store.exceptions.heap.capacity)
    return found | {store.arena.region.name: up(store.arena.used)}


def capture(store: Store) -> dict[str, Any]:
    """Registers and records of a store whose guest stands between two instructions of an outermost call."""
    store.require_idle()
    return {
        "registers": registers.read_all(store.machine),
        "count": store.machine.count,
        "arena": store.arena.used,
        "fuel": store.spare_fuel,
        "memories": [memory.pages for memory in _memories(store)],
        "tables": [[table.size, table.base, table.capacity] for table in _tables(store)],
        "segments": [[list(each) for each in instance.segments] for instance in store.instances],
        "exceptions": store.exceptions.save(),
    }


def restore(store: Store, state: dict[str, Any]) -> None:
    """Give a store that has linked the same programs the records of another; BadState."""
    number = _Numbers(state)
    arena = number("arena", store.arena.used, ARENA_SIZE)
    memories, tables = list(_memories(store)), list(_tables(store))
    pages = number.lists("memories", len(memories))
    for memory, count in zip(memories, pages):
        _require("memories", type(count) is int and memory.fits(count), count)
    records = number.lists("tables", len(tables))
    end = store.arena.start + arena
    for table, record in zip(tables, records):
        _require("tables", _is_numbers(record, 3), record)
        size, base, capacity = record
        _require("tables", table.minimum <= size <= capacity and store.arena.start <= base, record)
        _require("tables", base + table.width * capacity <= end and (size == table.size or table.may_have(size)), record)
    segments = number.lists("segments", len(store.instances))
    for instance, items in zip(store.instances, segments):
        _require("segments", isinstance(items, list) and len(items) == len(instance.segments), items)
        for (address, length), item in zip(instance.segments, items):
            _require("segments", item in ([address, length], [address, 0]), item)
    fuel, count = number("fuel", 0, _SIGN), number("count", 0, (1 << 64) - 1)
    values = state.get("registers")
    if not isinstance(values, dict):
        raise BadState("registers: there are none")
    try:
        store.exceptions.restore(state.get("exceptions"))
        registers.write_all(store.machine, values)
    except ValueError as error:
        raise BadState(str(error)) from None
    if store.machine.counting:
        store.machine.counter.count = count
    store.arena.used = arena
    store.spare_fuel = fuel
    for memory, count in zip(memories, pages):
        memory.set_pages(count)
    for table, (size, base, capacity) in zip(tables, records):
        table.move(size, base, capacity)
    for instance, items in zip(store.instances, segments):
        instance.segments = [(address, length) for address, length in items]


def sizes(store: Store) -> dict[str, int]:
    """Bytes of every writable region that are in use."""
    partly = used(store)
    return {each.name: partly.get(each.name, each.size) for each in store.memory.regions if each.access == "rw"}


def _memories(store: Store) -> Iterator[LinearMemory]:
    """Every memory once, with who defines it."""
    for instance in store.instances:
        yield from (each for each in instance.memories if each.owner == instance.context)


def _tables(store: Store) -> Iterator[Table]:
    for instance in store.instances:
        yield from (each for each in instance.tables if each.owner == instance.context)


def _region(memory: LinearMemory) -> str:
    found = memory.store.memory.find(memory.base)
    assert found is not None
    return found.name


def _is_numbers(value: object, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(type(each) is int for each in value)


def _require(part: str, holds: bool, value: object) -> None:
    if not holds:
        raise BadState(f"{part}: {str(value)[:60]} can't be")


class _Numbers:
    """Takes numbers and lists out of a state."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def __call__(self, name: str, low: int, high: int) -> int:
        value = self.state.get(name)
        if type(value) is not int or not low <= value <= high:
            raise BadState(f"{name}: {str(value)[:60]} isn't from {low} to {high}")
        return value

    def lists(self, name: str, length: int) -> list[Any]:
        value = self.state.get(name)
        if not isinstance(value, list) or len(value) != length:
            raise BadState(f"{name}: there should be {length} of them")
        return value
