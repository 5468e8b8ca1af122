"""Core types: functions, groups, modules with their imports and exports."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.binary.types import GlobalType, MemoryType, TableType
from agave_wasi.component.binary.coretypes import core_type, declaration
from agave_wasi.component.model import AliasOuter, CoreExportDeclaration, CoreImportDeclaration, CoreType
from tests.agave_wasi.component.texts import decoded


def first(text: str) -> Any:
    found = decoded(text).definitions[0]
    assert isinstance(found, CoreType)
    return found.type


def test_functions_and_groups() -> None:
    assert first("(core type (func (param i32 f64) (result i64)))") == ("func", ("i32", "f64"), ("i64",))
    assert first("(core type (func (param funcref (ref null extern))))") == ("func", ("funcref", "externref"), ())
    assert first("(core type (struct (field (mut i8))))") == ("rec", (("struct", ("(mut i8)",)),))
    assert first("(core rec (type (func)) (type (array f32)))") == ("rec", (("func", (), ()), ("array", "f32")))
    assert first("(core type (sub (func)))") == ("func", (), ())


def test_a_module_type() -> None:
    kind, declarations = first("""(core type (module
        (type (func (param i32)))
        (import "a" "f" (func (type 0)))
        (import "a" "m" (memory 1 2))
        (import "a" "t" (table 1 funcref))
        (import "a" "g" (global (mut i64)))
        (export "e" (func (type 0)))
        (export "x" (tag (type 0)))
        (alias outer 1 0 (type))
    ))""")
    assert kind == "module"
    assert [each._replace(offset=0) for each in declarations] == [
        CoreType(0, ("func", ("i32",), ())),
        CoreImportDeclaration(0, "a", "f", ("func", 0)),
        CoreImportDeclaration(0, "a", "m", ("memory", MemoryType(1, 2))),
        CoreImportDeclaration(0, "a", "t", ("table", TableType("funcref", 1))),
        CoreImportDeclaration(0, "a", "g", ("global", GlobalType("i64", True))),
        CoreExportDeclaration(0, "e", ("func", 0)),
        CoreExportDeclaration(0, "x", ("tag", 0)),
        AliasOuter(0, "core type", 1, 0),
    ]


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        ("00 60 00 00", 1, "0x60 is no sub type"),
        ("61", 0, "0x61 is no form of a type"),
        ("50 01 04 00", 2, "0x04 is no declaration of a module type"),
        ("50 01 02 11 01 00 00", 3, "0x11 is no sort of an alias in a module type, which is 0x10: a type"),
        ("50 01 02 10 00 00 00", 4, "0x00 is no target of it"),
        ("50 01 03 01 61 05 00", 5, "0x05 is no kind of a core import or export"),
        ("50 01 03 01 61 04 01 00", 6, "unknown tag attribute"),
    ],
)
def test_what_is_no_core_type(data: str, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule) as found:
        core_type(Reader(bytes.fromhex(data)))
    assert (found.value.offset, found.value.reason) == (offset, reason)


def test_in_a_module_type_a_sub_type_needs_no_zero() -> None:
    assert declaration(Reader(bytes.fromhex("01 50 00 60 00 00"))) == CoreType(0, ("func", (), ()))
