"""The walk over a component's sections, those of components inside it as well.

Unlike a module's, they come in any order and as often as one likes: each definition may use those before it.
Source: Component Model, Binary.md, "Component Definitions".
"""

from __future__ import annotations

from agave_wasi.binary.reader import COMPONENT_LAYER, MAGIC, MAX_SECTIONS, MalformedModule, Reader
from agave_wasi.component.binary.canonicals import canonical
from agave_wasi.component.binary.codes import MAX_DEPTH, name
from agave_wasi.component.binary.definitions import alias, core_instance, export, import_, instance, start, value
from agave_wasi.component.binary.types import type_definition
from agave_wasi.component.model import Component, CoreModule, Custom, Nested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.model import CoreType

VERSION = 0x0D
CUSTOM, CORE_MODULE, COMPONENT, START = 0, 1, 4, 9


class MalformedComponent(MalformedModule):
    """The bytes at `offset` (from the start of the file) are not what the format of components allows there."""

    def __str__(self) -> str:
        return f"malformed component at offset {self.offset:#x}: {self.reason}"


def decode(data: bytes | memoryview) -> Component:
    """The definitions of a component; core modules in it are views of `data`. MalformedComponent if it isn't one."""
    view = memoryview(data)
    if view.itemsize != 1 or not view.c_contiguous:
        raise TypeError("a component is bytes in a row")
    try:
        return _component(Reader(data), view, 0)
    except MalformedModule as error:
        raise MalformedComponent(error.offset, error.reason) from None


def _component(reader: Reader, view: memoryview, depth: int) -> Component:
    """The component that `reader` covers."""
    begin = reader.pos
    if depth > MAX_DEPTH:
        raise MalformedModule(begin, f"components are nested more than {MAX_DEPTH} deep")
    _preamble(reader)
    definitions: list[Any] = []
    customs: list[Custom] = []
    found = 0
    while reader:
        offset = reader.pos
        found += 1
        if found > MAX_SECTIONS:
            raise MalformedModule(offset, f"more than {MAX_SECTIONS} sections")
        id = reader.u8()
        section = reader.part()
        entry = _VECTORS.get(id)
        if entry is not None:
            what, least, read = entry
            definitions += [read(section) for _ in range(section.count(least))]
            section.finish(f"{what} section")
        elif id == CUSTOM:
            customs.append(Custom(offset, name(section), view[section.pos : section.end]))
        elif id == CORE_MODULE:
            definitions.append(CoreModule(section.pos, view[section.pos : section.end]))
        elif id == COMPONENT:
            definitions.append(Nested(section.pos, _component(section, view, depth + 1)))
        elif id == START:
            definitions.append(start(section))
            section.finish("start section")
        else:
            raise MalformedModule(offset, f"unknown section id {id}")
    return Component(definitions, customs, reader.end - begin)


def _preamble(reader: Reader) -> None:
    at = reader.pos
    preamble = bytes(reader.data[at : min(at + 8, reader.end)])
    if preamble[:4] != MAGIC[: len(preamble)]:
        raise MalformedModule(at, "the magic number \\0asm is missing")
    if len(preamble) < 8:
        raise MalformedModule(reader.end, "unexpected end of the preamble")
    version, layer = preamble[4] | preamble[5] << 8, preamble[6] | preamble[7] << 8
    if layer != COMPONENT_LAYER:
        raise MalformedModule(at + 6, f"layer {layer}, where a component has {COMPONENT_LAYER}")
    if version != VERSION:
        raise MalformedModule(at + 4, f"version {version:#x} of the component format, of which only {VERSION:#x} is known")
    reader.pos = at + 8


def _core_type(reader: Reader) -> CoreType:
    from agave_wasi.component.binary.coretypes import core_type

    return core_type(reader)


# The sections that are vectors: what they hold, the fewest bytes of an item, and what reads one.
_VECTORS: dict[int, tuple[str, int, Callable[[Reader], Any]]] = {
    2: ("core instance", 2, core_instance),
    3: ("core type", 2, _core_type),
    5: ("instance", 2, instance),
    6: ("alias", 4, alias),
    7: ("type", 1, type_definition),
    8: ("canonical function", 1, canonical),
    10: ("import", 4, import_),
    11: ("export", 5, export),
    12: ("value", 2, value),
}
