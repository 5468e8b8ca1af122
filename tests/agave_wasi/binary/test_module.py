"""Descriptions: compared with what an engine says of the same modules, and field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agave_wasi.binary import MalformedModule, describe, writer
from agave_wasi.binary.reader import MODULE_PREAMBLE
from agave_wasi.binary.types import ExternType, FuncType, GlobalType, MemoryType, TableType, TagType
from tests.agave_wasi.binary.sections import section

Assemble = Callable[[str], bytes]


def as_engine_says(wasmtime: Any, type: Any) -> object:
    """A type of wasmtime's as one of ours."""
    if isinstance(type, wasmtime.FuncType):
        return FuncType(tuple(map(value_name, type.params)), tuple(map(value_name, type.results)))
    if isinstance(type, wasmtime.MemoryType):
        return MemoryType(type.limits.min, type.limits.max, type.is_shared, type.is_64)
    if isinstance(type, wasmtime.TableType):
        return TableType(value_name(type.element), type.limits.min, type.limits.max)
    if isinstance(type, wasmtime.GlobalType):
        return GlobalType(value_name(type.content), type.mutable)
    return None


def value_name(type: object) -> str:
    """The specification's name of a value type: wasmtime's Python package has an older one for externref."""
    return {"anyref": "externref"}.get(str(type), str(type))


def as_we_say(type: ExternType) -> object:
    """Our type, without what the engine's interface doesn't tell."""
    return None if isinstance(type, TagType) else type


def test_engine_agrees(modules: dict[str, bytes]) -> None:
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    config.wasm_memory64 = True
    config.wasm_multi_memory = True
    config.wasm_threads = True
    config.shared_memory = True
    config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    for name, data in modules.items():
        theirs = wasmtime.Module(engine, data)
        ours = describe(data, features=True)
        assert [(one.module, one.name, as_we_say(one.type)) for one in ours.imports] == [
            (one.module, one.name, as_engine_says(wasmtime, one.type)) for one in theirs.imports
        ], name
        assert [(one.name, as_we_say(one.type)) for one in ours.exports] == [
            (one.name, as_engine_says(wasmtime, one.type)) for one in theirs.exports
        ], name


def test_guest(guest: bytes) -> None:
    found = describe(guest, features=True)
    assert (found.kind, found.size, found.problems) == ("module", len(guest), ())
    assert {item.module for item in found.imports} == {"wasi_snapshot_preview1"}
    assert [(item.name, item.kind) for item in found.exports] == [("memory", "memory"), ("_start", "func")]
    assert found.function_count > 20
    assert found.code_size > 1000
    assert found.data_size > 100
    assert ".debug_info" in {section.name for section in found.custom_sections}
    assert ("+", "sign-ext") in found.target_features
    assert dict(found.producers)["processed-by"][0][0] == "clang"
    assert "sign-extension" in found.features


def test_fields(assemble: Assemble) -> None:
    found = describe(
        assemble("""(module $tool
            (import "a" "f" (func (param i32)))
            (import "a" "t" (tag (param i64)))
            (memory (export "m") 1 2) (memory 3)
            (table 1 2 funcref)
            (global (mut f32) (f32.const 1))
            (func $g (export "g") (result i64) (i64.const 1))
            (func $s)
            (start $s)
            (elem (i32.const 0) $g)
            (data (i32.const 0) "abc") (data (memory 1) (i32.const 0) "de"))""")
    )
    assert found.name == "tool"
    assert [(one.module, one.name, one.kind) for one in found.imports] == [("a", "f", "func"), ("a", "t", "tag")]
    assert [(one.name, one.kind, one.index, str(one.type)) for one in found.exports] == [
        ("m", "memory", 0, "1..2 pages"),
        ("g", "func", 1, "() -> (i64)"),
    ]
    assert found.memories == (MemoryType(1, 2), MemoryType(3))
    assert found.tables == (TableType("funcref", 1, 2),)
    assert found.globals == (GlobalType("f32", True),)
    assert found.tags == (TagType(("i64",)),)
    assert (found.start, found.function_count, found.imported_functions) == (2, 2, 1)
    assert (found.data_size, found.data_segments, found.element_segments) == (5, 2, 1)


def test_other_buffers(guest: bytes) -> None:
    assert describe(memoryview(guest)) == describe(bytearray(guest)) == describe(guest)
    assert describe(memoryview(guest), features=True) == describe(guest, features=True)


def test_other_kinds() -> None:
    component = b"\0asm\x0d\0\1\0" + b"\x01\x08" + MODULE_PREAMBLE + b"\x00\x02\x01x"
    found = describe(component)
    assert found.kind == "component"
    assert [(section.name, section.custom) for section in found.sections] == [("core module", False), ("x", True)]
    assert describe(b"(module)").kind == "text"
    assert describe(b"hello").kind == "unknown"
    assert describe(b"").kind == "unknown"
    with pytest.raises(MalformedModule):
        describe(component[:-1])


TYPES = section(1, b"\x60\0\0", b"\x60\x01\x7f\0")


def test_compact_imports() -> None:
    groups = (
        writer.name("env") + b"\0\x7f" + writer.vector([writer.name("a") + b"\0\1", writer.name("m") + b"\2\0\1"]),
        writer.name("env") + b"\0\x7e\3\x7f\0" + writer.vector([writer.name("b"), writer.name("c")]),
    )
    found = describe(MODULE_PREAMBLE + TYPES + section(2, *groups))
    assert [(one.module, one.name, str(one.type)) for one in found.imports] == [
        ("env", "a", "(i32) -> ()"),
        ("env", "m", "1.. pages"),
        ("env", "b", "i32"),
        ("env", "c", "i32"),
    ]
    assert found.features == ("compact-imports",)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (section(2, b"\1e\1f\0\5"), "no function type 5"),
        (section(2, b"\1e\1f\5\0"), "no kind of an import"),
        (section(2, b"\1e\1f\4\1\0"), "tag attribute"),
        (section(3, b"\0"), "1 functions are declared, 0 have a body"),
        (section(7, b"\1f\0\0"), "no func 0 to export"),
        (section(7, b"\1f\5\0"), "no kind of an export"),
        (b"\x08\x01\x00", "no function 0 to start"),
        (b"\x08\x02\x00\x00", "1 bytes too many in the start section"),
        (b"\x0c\x01\x02", "2 data segments are declared, 0 follow"),
        (section(5, b"\x10\1"), "limits flags"),
        (b"\x05\x05\xff\xff\xff\xff\x0f", "implementation limit"),
        (b"\x05\x03\x81\x80\x01", "does not fit"),
        (section(9, b"\x08\0"), "flags 8 of an element segment"),
        (section(9, b"\x01\x01\0"), "kind of an element segment"),
        (section(11, b"\x03\0"), "flags 3 of a data segment"),
        (section(11, b"\x01\x05abc"), "5 bytes wanted"),
        (section(4, b"\x40\x01\x70\0\0"), "form of a table"),
        (section(6, b"\x7f\0\x20\0\x0b"), "in a constant expression"),
    ],
)
def test_malformed(parts: bytes, reason: str) -> None:
    with pytest.raises(MalformedModule, match=reason):
        describe(MODULE_PREAMBLE + TYPES + parts)


def test_broken_custom_sections_are_noted() -> None:
    parts = [writer.custom(name, b"\x05") for name in ("name", "producers", "target_features", "other")]
    found = describe(MODULE_PREAMBLE + b"".join(bytes(part) for group in parts for part in group))
    assert len(found.problems) == 3
    assert len(found.custom_sections) == 4
