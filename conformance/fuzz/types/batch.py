"""What one component has in it: echoes with the values for them, and functions that return raw memory or call with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from agave_wasi.component import types as t
from conformance.fuzz.types.drawing import Drawing
from conformance.fuzz.types.raw import SLOT, Raw

ENCODINGS = ("utf8", "utf16", "latin1+utf16")
SIZE = 50
"""Echoes of a batch."""
VALUES = 2
"""Calls of each echo."""
RAWS = 4
"""So many of the echoes' results are returned raw, and so many are called with raw arguments."""
IMAGES = 3
"""How many raw values of each."""
CHOSEN = t.FuncType((("n", t.U32),))
"""The parameters of a function that has raw values: which one."""


@dataclass
class Echo:
    """A function that the host answers, and what it is called with."""

    name: str
    type: t.FuncType
    values: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class RawFunction:
    """A function with raw values at `table` in its component's memory: each `stride` bytes, a slot for each core value.

    `type` is that of what it returns, or of the echo that it calls. `spoiled` says of each value what is wrong with it.
    """

    name: str
    type: t.FuncType
    table: int
    stride: int
    spoiled: list[str]


@dataclass
class Batch:
    """One component. `encodings` are those of the components that an echo goes through, from the host on: one or two."""

    encodings: tuple[str, ...]
    echoes: list[Echo]
    returned: list[RawFunction] = field(default_factory=list)
    given: list[RawFunction] = field(default_factory=list)
    returned_memory: bytes = b""
    given_memory: bytes = b""

    def parts(self) -> tuple[Batch, Batch]:
        """What is sound, and what may trap: the latter is instantiated anew each time, so it is kept small."""
        names = {_echo_of(each.name) for each in self.given}
        called = [Echo(each.name, each.type) for each in self.echoes if each.name in names]
        raw = Batch(self.encodings, called, self.returned, self.given, self.returned_memory, self.given_memory)
        return Batch(self.encodings, self.echoes), raw

    def only(self, name: str, number: int) -> Batch:
        """The batch with one function alone, called with one value."""
        echoes = [Echo(each.name, each.type, [each.values[number]]) for each in self.echoes if each.name == name]
        returned = [each for each in self.returned if each.name == name]
        given = [each for each in self.given if each.name == name]
        names = {_echo_of(each.name) for each in given}
        echoes += [Echo(each.name, each.type) for each in self.echoes if each.name in names]
        return Batch(self.encodings, echoes, returned, given, self.returned_memory, self.given_memory)

    def echo_of(self, given: RawFunction) -> Echo:
        """The echo that a function calls with raw arguments."""
        return next(each for each in self.echoes if each.name == _echo_of(given.name))


def _echo_of(name: str) -> str:
    return "t" + name[1:]


def draw(seed: int, number: int, size: int = SIZE) -> Batch:
    """A batch of a campaign, the same each time."""
    random = Random(f"types {seed}/{number}")
    drawing = Drawing(random)
    echoes = []
    for place in range(size):
        type = drawing.function()
        values = [tuple([drawing.value(each) for _, each in type.parameters]) for _ in range(VALUES)]
        echoes.append(Echo(f"t{place}", type, values))
    encodings = tuple(random.choice(ENCODINGS) for _ in range(random.choice((1, 2))))
    batch = Batch(encodings, echoes)
    inner, outer = Raw(random, encodings[0]), Raw(random, encodings[-1])
    for place in random.sample(range(size), min(RAWS, size)):
        result = echoes[place].type.result
        if result is not None:
            type = t.FuncType(CHOSEN.parameters, result)
            batch.returned.append(_raw_function(inner, f"r{place}", type, [result], 1))
    for place in random.sample(range(size), min(RAWS, size)):
        type = echoes[place].type
        if type.parameters:
            kinds = [each for _, each in type.parameters]
            batch.given.append(_raw_function(outer, f"g{place}", type, kinds, 16))
    batch.returned_memory, batch.given_memory = bytes(inner.memory), bytes(outer.memory)
    return batch


def _raw_function(raw: Raw, name: str, type: t.FuncType, kinds: list[t.ValType], most: int) -> RawFunction:
    stride = SLOT * raw.slots(kinds, most)
    table = raw.allocate(IMAGES * stride, SLOT)
    spoiled = []
    for number in range(IMAGES):
        raw.spots.clear()
        raw.values(kinds, table + number * stride, most)
        spoiled.append(raw.spoil())
    return RawFunction(name, type, table, stride, spoiled)
