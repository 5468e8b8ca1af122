"""Sections: the walk, the preamble, nesting, and errors that say where."""

from __future__ import annotations

import pytest

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.binary import MalformedComponent, decode
from agave_wasi.component.model import AliasCoreExport, Component, CoreInstantiate, CoreModule, Nested, TypeDefinition
from tests.agave_wasi.component.texts import PREAMBLE, assemble, decoded, sections


def kinds(component: Component) -> list[str]:
    return [type(each).__name__ for each in component.definitions]


def test_an_empty_component() -> None:
    component = decode(PREAMBLE)
    assert (component.definitions, component.customs, component.size) == ([], [], 8)


def test_definitions_stand_in_the_order_of_the_file() -> None:
    component = decoded("""
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (alias core export $i "f" (core func $f))
        (func (export "g") (canon lift (core func $f)))
    """)
    assert kinds(component) == ["CoreModule", "CoreInstantiate", "AliasCoreExport", "TypeDefinition", "CanonLift", "Export"]
    assert component.definitions[1][1:] == (0, ())
    assert isinstance(component.definitions[1], CoreInstantiate)
    assert component.definitions[2] == AliasCoreExport(component.definitions[2].offset, "core func", 0, "f")


def test_a_core_module_is_a_view_of_the_same_bytes() -> None:
    data = assemble("(core module (func))")
    (module,) = decode(data).definitions
    assert isinstance(module, CoreModule)
    assert bytes(module.binary[:8]) == b"\0asm\x01\0\0\0"
    assert data[module.offset : module.offset + len(module.binary)] == module.binary
    assert module.binary.obj is data


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_and_views_give_the_same(kind: type) -> None:
    data = assemble('(import "a" (func)) (component (type u8))')
    assert kinds(decode(kind(data))) == ["TypeDefinition", "Import", "Nested"]


def test_components_inside_count_their_offsets_from_the_start_of_the_file() -> None:
    data = assemble("(component (component (type (list u8))))")
    (outer,) = decode(data).definitions
    assert isinstance(outer, Nested)
    (inner,) = outer.component.definitions
    (type,) = inner.component.definitions
    assert type == TypeDefinition(type.offset, ("list", "u8"))
    assert data[type.offset : type.offset + 2] == b"\x70\x7d"
    assert outer.component.size == len(data) - outer.offset


def test_custom_sections_stand_beside_the_definitions() -> None:
    component = decode(sections((0, "03616263 010203"), (7, "01 7f")))
    (custom,) = component.customs
    assert (custom.offset, custom.name, bytes(custom.data)) == (8, "abc", b"\1\2\3")
    assert kinds(component) == ["TypeDefinition"]


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (b"", 0, "unexpected end of the preamble"),
        (b"\0asm\x0d\0", 6, "unexpected end of the preamble"),
        (b"wasm\x0d\0\1\0", 0, "magic number"),
        (b"\0asm\x0d\0\0\0", 6, "layer 0"),
        (b"\0asm\1\0\0\0", 6, "layer 0"),
        (b"\0asm\x0c\0\1\0", 4, "version 0xc "),
        (PREAMBLE + b"\x0d\0", 8, "unknown section id 13"),
        (PREAMBLE + b"\x07\x05\0", 10, "5 bytes wanted, 1 left"),
        (PREAMBLE + b"\x07", 9, "unexpected end"),
        (sections((7, "01 7f 00")), 12, "1 bytes too many in the type section"),
        (sections((7, "02 7f")), 10, "2 items does not fit the 1 bytes left"),
        (sections((9, "00 00 00 00")), 13, "1 bytes too many in the start section"),
        (sections((4, "0061736d 0d000000")), 16, "layer 0, where a component has 1"),
        (sections((4, "0061736d 0d0001")), 17, "unexpected end of the preamble"),
        (sections((0, "05 61")), 11, "5 bytes wanted"),
    ],
)
def test_what_is_no_component(data: bytes, offset: int, reason: str) -> None:
    with pytest.raises(MalformedComponent) as found:
        decode(data)
    assert found.value.offset == offset
    assert reason in found.value.reason
    assert str(found.value) == f"malformed component at offset {offset:#x}: {found.value.reason}"
    assert isinstance(found.value, MalformedModule)


def nested(levels: int) -> bytes:
    found = PREAMBLE
    for _ in range(levels):
        size = len(found)
        found = PREAMBLE + b"\x04" + bytes((size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14)) + found
    return found


def test_components_are_nested_to_a_limit() -> None:
    assert decode(nested(100)).size == 100 * 12 + 8
    with pytest.raises(MalformedComponent, match="nested more than 100 deep"):
        decode(nested(101))


def test_sections_are_counted() -> None:
    empty = b"\x07\x01\x00"
    assert decode(PREAMBLE + empty * 100_000).definitions == []
    with pytest.raises(MalformedComponent, match="more than 100000 sections"):
        decode(PREAMBLE + empty * 100_001)


def test_what_is_no_row_of_bytes_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes in a row"):
        decode(memoryview(PREAMBLE)[::2])
