"""Core modules of components by their names, and which functions are meant by MODULE/FUNCTION."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from agave_wasi import World
from agave_wasi.core_modules import InnerModule, chosen, find, functions, inner_modules
from agave_wasi.engines.x86.module import CoreModule
from tests.agave_wasi.guests import wat

if TYPE_CHECKING:
    from agave_wasi.components import ComponentProgram

TWO = """(component
  (core module $one $first (import "x" "y" (func)) (func $same) (func $_ZN1a1bE (export "a/b")))
  (component $inner (core module $libc.so (func $same) (func (export "1"))))
  (core module $three (func $lib/go)))"""


def core_of(module: InnerModule) -> CoreModule:
    assert module.core is not None
    return module.core


@pytest.fixture(scope="module")
def modules() -> list[InnerModule]:
    text = TWO.replace("$one $first", "$lib")
    program = World(engine="x86").load(text.encode())
    return inner_modules(cast("ComponentProgram", program))


def test_modules_are_numbered_as_in_the_file(modules: list[InnerModule]) -> None:
    assert [each.title for each in modules] == ["module 0 lib", "module 1 libc.so", "module 2 three"]
    assert list(modules[0].functions) == [1, 2] == list(functions(core_of(modules[0])))
    assert all(bytes(each.wasm[:4]) == b"\0asm" for each in modules) and len({each.offset for each in modules}) == 3
    for name, called in (("0", True), ("module 0", True), ("lib", True), ("1", False), ("", False), ("module 1", False)):
        assert modules[0].is_called(name) is called


def test_what_is_meant(modules: list[InnerModule]) -> None:
    one, two, three = modules
    assert chosen(modules, "0/same") == chosen(modules, "lib/1") == chosen(modules, "module 0/same") == [(one, [1])]
    for name in ("a::b", "_ZN1a1bE", "a/b", "0/a/b"):
        assert chosen(modules, name) == [(one, [2])]
    assert chosen(modules, "same") == [(one, [1]), (two, [0])]
    assert chosen(modules, "1/") == chosen(modules, "libc.so/") == [(two, None)]
    assert chosen(modules, "lib/go") == chosen(modules, "2/lib/go") == [(three, [0])]  # the module lib has no go
    for nothing in ("1", "", "9/0", "0/0", "0/nothing", "nothing", "/", "//"):
        assert chosen(modules, nothing) == []


def test_a_name_that_is_a_number_is_reached_by_the_index(modules: list[InnerModule]) -> None:
    assert modules[1].find("1") == [1] and modules[1].find("7") == []


def test_finding_by_index_name_and_export() -> None:
    module = InnerModule(0, wat('(module (import "a" "b" (func)) (func $x (export "y")) (func $y))'), 8)
    assert find(core_of(module), module.names, "y") == [1] and find(core_of(module), module.names, "x") == [1]
    assert find(core_of(module), module.names, "0") == [] and find(core_of(module), module.names, "2") == [2]
    assert module.own == "" and module.title == "module 0"


def test_a_module_with_what_the_engine_has_not_is_meant_as_a_whole() -> None:
    strange = InnerModule(0, wat('(module $s (memory i64 1) (func (export "f")))'), 8)
    known = InnerModule(1, wat('(module (func (export "f")))'), 80)
    assert strange.core is None and list(strange.functions) == strange.find("f") == []
    assert chosen([strange, known], "s/f") == [(strange, None)] and chosen([strange, known], "f") == [(known, [0])]
