"""Outlines: quick, and never another opinion than the whole description's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agave_wasi.binary import MalformedModule, describe
from agave_wasi.binary.outline import needs, outline
from agave_wasi.binary.reader import MODULE_PREAMBLE
from agave_wasi.binary.types import ExternType, FuncType
from tests.agave_wasi.binary.sections import section
from tests.mutator import COMPANIONS, mutate

Assemble = Callable[[str], bytes]
LETTERS = {"i32": "i", "i64": "I", "f32": "f", "f64": "F"}


def letters(type: ExternType) -> tuple[str, str] | None:
    """The type of a function as an outline has it."""
    if not isinstance(type, FuncType) or not {*type.params, *type.results} <= LETTERS.keys():
        return None
    return "".join(map(LETTERS.__getitem__, type.params)), "".join(map(LETTERS.__getitem__, type.results))


def agree(data: bytes) -> None:
    brief, whole = outline(data), describe(data)
    assert [(item.module, item.name, item.kind, item.type) for item in brief.imports] == [
        (item.module, item.name, item.kind, letters(item.type)) for item in whole.imports
    ]
    assert [(item.module, item.name, item.kind) for item in brief.exports] == [
        ("", item.name, item.kind) for item in whole.exports
    ]
    assert brief.has_start == (whole.start is not None)


def test_whole_modules(modules: dict[str, bytes]) -> None:
    for data in modules.values():
        agree(data)


@pytest.mark.parametrize(
    "text",
    [
        '(module (import "e" "t" (table 1 (ref null func))) (import "e" "f" (func (param i64 f32) (result f64))))',
        '(module (type $t (func)) (import "e" "t" (table i64 1 9 (ref null $t))) (import "e" "f" (func (param i32))))',
        '(module (import "e" "m" (memory i64 1 2)) (import "e" "s" (memory 1 2 shared)) (import "e" "f" (func)))',
        '(module (import "e" "m" (memory 1 2 (pagesize 1))) (import "e" "f" (func (result i32))))',
        '(module (import "e" "g" (global (mut (ref null extern)))) (import "e" "g" (global v128)) (import "e" "f" (func)))',
        '(module (import "e" "t" (tag (param i32))) (import "e" "f" (func (param i32 i64))))',
        '(module (import "e" "v" (func (param v128))) (import "e" "r" (func (result (ref null func)) )))',
    ],
)
def test_what_stands_before_a_function_is_passed_over_exactly(assemble: Assemble, text: str) -> None:
    agree(assemble(text))


def test_types_of_another_kind_make_the_order_unknown(assemble: Assemble) -> None:
    data = assemble('(module (type (struct)) (type $t (func (param i32))) (import "e" "f" (func (type $t))))')
    (item,) = outline(data).imports
    assert (item.name, item.kind, item.type) == ("f", "func", None)


def test_exported_functions(assemble: Assemble) -> None:
    found = outline(assemble('(module (memory (export "memory") 1) (func (export "_start")) (start 0))'))
    assert found.exports_function("_start") and not found.exports_function("memory") and not found.exports_function("x")
    assert found.has_start


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (section(2, b"\1e\1f\0\0"), "type 0 of import 'f' doesn't exist"),
        (section(1, b"\x60\0\0") + section(2, b"\1e\1f\0\1"), "type 1 of import 'f' doesn't exist"),
        (section(2, b"\1e\1f\5\0"), "unknown kind 5 of import 'f'"),
        (section(7, b"\1f\5\0"), "unknown kind 5 of export 'f'"),
        (section(7, b"\1f"), "does not fit"),
        (section(7, b"\1\xff\0\0"), "UTF-8"),
        (b"\x02\x7f", "bytes"),
    ],
)
def test_malformed(parts: bytes, reason: str) -> None:
    with pytest.raises(MalformedModule, match=reason):
        outline(MODULE_PREAMBLE + parts)


def test_mutants(texts: dict[str, bytes]) -> None:
    """Outlined or malformed, nothing else; and a mutant that can be described has that outline."""
    seeds = [*texts.values(), *COMPANIONS]
    agreed = 0
    for seed in range(1500):
        data = mutate(seeds[seed % len(seeds)], seed)
        try:
            outline(data)
        except MalformedModule as error:
            assert 0 <= error.offset <= len(data)
        try:
            whole = describe(data)
        except MalformedModule:
            continue
        if whole.kind == "module" and not {"compact-imports", "gc"} & set(whole.features):
            agree(data)
            agreed += 1
    assert agreed > 200


@pytest.mark.parametrize("starts", [False, True])
def test_what_a_module_needs(starts: bool, assemble: Assemble) -> None:
    found = needs(assemble(f"""(module
      (import "b" "f" (func $f)) (import "a" "m" (memory 1)) (import "b" "g" (global i32)) (import "a" "m" (memory 1))
      (memory 1) (memory 2) (table 1 funcref) {"(start $f)" if starts else ""} (func (call $f)))"""))
    assert found.imports == [("b", "f"), ("a", "m"), ("b", "g"), ("a", "m")]
    assert found.as_data() == (found.imports, 2, 1, starts, False)
    assert needs(MODULE_PREAMBLE).as_data() == ([], 0, 0, False, False)


@pytest.mark.parametrize(("fields", "collects"), [
    ("(tag (param i32))", True), ("(func (param i32))", False), ("(type (struct (field i32)))", True),
    ("(type (array i8)) (func)", True), ("(table 1 funcref) (memory 1) (func) (start 0)", False),
    ("(tag) (func) (start 0)", True),
])  # fmt: skip
def test_what_makes_garbage(fields: str, collects: bool, assemble: Assemble) -> None:
    module = assemble(f"(module {fields})")
    assert outline(module).collects is needs(module).collects is collects
