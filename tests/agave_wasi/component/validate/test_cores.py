"""Core modules as components see them, and whether one core item can stand for another."""

from __future__ import annotations

import pytest

from agave_wasi.binary.types import GlobalType, MemoryType, TableType
from agave_wasi.component.validate.cores import core_misfit, limits_fault, module_type, signature
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.engines.capi import to_wasm
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("core")
def test_core_instances(case: Case) -> None:
    check(case)


def test_a_modules_type() -> None:
    binary = to_wasm(b"""(module
        (import "a" "f" (func $f (param i32) (result i64))) (import "a" "m" (memory 1))
        (import "b" "t" (table 1 funcref))
        (import "b" "g" (global (mut f32))) (tag $e (param i32))
        (func $h (param v128)) (global $c i32 (i32.const 1))
        (export "f" (func $f)) (export "h" (func $h))
        (export "m" (memory 0)) (export "c" (global $c)) (export "e" (tag $e)))""")
    found = module_type(memoryview(binary), 0)
    assert found.imports == {
        ("a", "f"): ("func", (("i32",), ("i64",))),
        ("a", "m"): ("memory", MemoryType(1)),
        ("b", "t"): ("table", TableType("funcref", 1)),
        ("b", "g"): ("global", GlobalType("f32", True)),
    }
    assert found.exports == {
        "f": ("func", (("i32",), ("i64",))),
        "h": ("func", (("v128",), ())),
        "m": ("memory", MemoryType(1)),
        "c": ("global", GlobalType("i32")),
        "e": ("tag", (("i32",), ())),
    }


def test_many_functions_with_indices_of_two_bytes() -> None:
    types = "".join(f"(type (func (param {'i32 ' * (n % 40)} {'i64 ' * (n // 40)})))" for n in range(300))
    binary = to_wasm(f"(module {types} (func (type 5)) (func (export 'x') (type 299)))".replace("'", '"').encode())
    assert module_type(memoryview(binary), 0).exports["x"] == ("func", (("i32",) * 19 + ("i64",) * 7, ()))


def test_a_broken_module_says_where_in_the_component() -> None:
    with pytest.raises(InvalidComponent) as found:
        module_type(memoryview(b"\0asm\1\0\0\0\x01\x02\x01\x61"), 100)
    assert found.value.offset > 108
    assert found.value.reason.startswith("in the core module at 0x64: ")


@pytest.mark.parametrize(
    ("given", "expected", "fits"),
    [
        (("memory", MemoryType(2)), ("memory", MemoryType(1)), True),
        (("memory", MemoryType(1)), ("memory", MemoryType(2)), False),
        (("memory", MemoryType(1, 5)), ("memory", MemoryType(1, 5)), True),
        (("memory", MemoryType(1, 6)), ("memory", MemoryType(1, 5)), False),
        (("memory", MemoryType(1)), ("memory", MemoryType(1, 5)), False),
        (("memory", MemoryType(1, 5, shared=True)), ("memory", MemoryType(1, 5)), False),
        (("memory", MemoryType(1, page_log2=0)), ("memory", MemoryType(1)), False),
        (("table", TableType("funcref", 3, 4)), ("table", TableType("funcref", 3, 4)), True),
        (("table", TableType("externref", 3, 4)), ("table", TableType("funcref", 3, 4)), False),
        (("global", GlobalType("i32")), ("global", GlobalType("i32")), True),
        (("global", GlobalType("i32")), ("global", GlobalType("i32", True)), False),
        (("func", (("i32",), ())), ("func", (("i32",), ())), True),
        (("func", (("i32",), ())), ("func", ((), ("i32",))), False),
        (("tag", (("i32",), ())), ("func", (("i32",), ())), False),
    ],
)
def test_matching(given: tuple[str, object], expected: tuple[str, object], fits: bool) -> None:
    assert (core_misfit(given, expected) is None) == fits


def test_limits() -> None:
    assert limits_fault(("memory", MemoryType(1, 65536))) is None
    assert limits_fault(("memory", MemoryType(65537))) == "a memory of more than 65536 pages"
    assert limits_fault(("memory", MemoryType(65537, memory64=True))) is None
    assert limits_fault(("memory", MemoryType(1, shared=True))) == "a shared memory without a maximum"
    assert limits_fault(("memory", MemoryType(1, page_log2=8))) is not None
    assert limits_fault(("table", TableType("funcref", 2, 1))) == "a table of 2 at least and 1 at most"
    assert limits_fault(("global", GlobalType("i32"))) is None
    assert signature((("i32", "i64"), ("f32",))) == "(i32, i64) -> (f32)"
