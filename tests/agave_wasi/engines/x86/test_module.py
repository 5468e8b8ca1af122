"""Core modules as the x86 engine sees them."""

from __future__ import annotations

import pytest

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.x86.module import CoreModule


def module(fields: str) -> CoreModule:
    return CoreModule(to_wasm(f"(module {fields})".encode()))


def test_types_are_letters_and_equal_ones_have_one_id() -> None:
    found = module(
        "(type (func (param i32 i64 f32 f64 v128))) (type (func (result funcref externref exnref)))"
        "(type (func (param i32 i64 f32 f64 v128))) (type (func))"
    )
    assert found.types == [("iIfFV", ""), ("", "rxe"), ("iIfFV", ""), ("", "")]
    assert found.signatures == [0, 1, 0, 2] and found.type_ids == 3


def test_tags_have_ids_behind_those_of_types() -> None:
    found = module(
        '(type $a (func (param i64))) (type $b (func)) (type $c (func (param i64))) (type $d (func (param f64)))'
        '(import "" "e" (tag (type $d))) (tag (type $c)) (tag (type $b)) (tag (type $a))'
    )
    assert found.tags == [3, 2, 1, 0] and found.imported["tag"] == 1
    assert found.exceptions == [3, 4, 5, 4] and found.type_ids == 6


IMPORTS = """(import "a" "f" (func (param i32))) (import "a" "t" (table 1 2 externref)) (import "b" "m" (memory 3))
    (import "b" "g" (global (mut f64))) (import "c" "e" (tag))"""


def test_what_is_imported_comes_first() -> None:
    found = module(f"{IMPORTS} (func) (table 7 funcref) (memory 8 9) (global i32 (i32.const 5)) (tag (param i32))")
    assert [(each.module, each.name, each.kind) for each in found.imports] == [
        ("a", "f", "func"), ("a", "t", "table"), ("b", "m", "memory"), ("b", "g", "global"), ("c", "e", "tag"),
    ]  # fmt: skip
    assert found.imports[0].type == 0 and found.types[0] == ("i", "") and found.imports[1].type is found.tables[0]
    assert found.imported == dict.fromkeys(("func", "table", "memory", "global", "tag"), 1)
    assert found.type_of(0) == ("i", "") and found.type_of(1) == ("", "")
    assert [(each.element, each.minimum, each.maximum) for each in found.tables] == [("x", 1, 2), ("r", 7, None)]
    assert [(each.minimum, each.maximum) for each in found.memories] == [(3, None), (8, 9)]
    assert [(each.value, each.mutable, each.init) for each in found.globals] == [
        ("F", True, None), ("i", False, (("i32.const", 5),)),
    ]  # fmt: skip
    assert len(found.tags) == 2


def test_initial_values_keep_every_bit() -> None:
    found = module(
        '(import "" "g" (global $i i32)) (func $f) (global i64 (i64.const -1)) (global f32 (f32.const -nan:0x200001))'
        "(global f64 (f64.const nan:0x4000000000001)) (global v128 (v128.const i64x2 1 2)) (global funcref (ref.func $f))"
        "(global externref (ref.null extern)) (global i32 (i32.add (global.get $i) (i32.mul (i32.const 2) (i32.const -3))))"
        "(global i32 (i32.const -7))"
    )
    assert [each.init for each in found.globals[1:]] == [
        (("i64.const", -1),),
        (("f32.const", 0xFFA00001),),
        (("f64.const", 0x7FF4000000000001),),
        (("v128.const", (1).to_bytes(8, "little") + (2).to_bytes(8, "little")),),
        (("ref.func", 0),),
        (("ref.null", "x"),),
        (("global.get", 0), ("i32.const", 2), ("i32.const", -3), ("i32.mul", 0), ("i32.add", 0)),
        (("i32.const", -7),),
    ]
    constant = [each.constant is not None for each in found.globals]
    assert constant == [False, True, True, True, True, False, False, False, True]


def test_exports_and_start() -> None:
    found = module(
        '(func $f) (table $t 1 funcref) (memory 1) (global $g i32 (i32.const 0)) (tag $e) (start $f)'
        '(export "f" (func $f)) (export "t" (table $t)) (export "m" (memory 0)) (export "g" (global $g)) (export "e" (tag $e))'
    )
    assert found.exports == {"f": ("func", 0), "t": ("table", 0), "m": ("memory", 0), "g": ("global", 0), "e": ("tag", 0)}
    assert found.start == 0 and module("").start is None
    assert found.code is not None and module("").code is None


def test_segments() -> None:
    found = module(
        '(import "" "g" (global $i i32)) (memory 1) (memory $n 1) (table 9 funcref) (table $x 9 externref) (func $f) (func $g)'
        '(elem (i32.const 3) func $f $g) (elem (table $x) (offset (global.get $i)) externref (ref.null extern)) (elem func $g)'
        '(elem declare func $f) (elem funcref (ref.func $f) (ref.null func))'
        '(data (i32.const 8) "abc") (data (memory $n) (global.get $i) "") (data "passive")'
    )
    assert [(each.mode, each.table, each.offset, each.element) for each in found.elements] == [
        ("active", 0, (("i32.const", 3),), "r"),
        ("active", 1, (("global.get", 0),), "x"),
        ("passive", 0, (), "r"),
        ("declared", 0, (), "r"),
        ("passive", 0, (), "r"),
    ]
    assert [each.functions for each in found.elements] == [[0, 1], None, [1], [0], None]
    assert found.elements[0].items == [(("ref.func", 0),), (("ref.func", 1),)]
    assert found.elements[4].items == found.elements[4].values == [(("ref.func", 0),), (("ref.null", "r"),)]
    assert [(each.mode, each.memory, each.offset, each.length) for each in found.data] == [
        ("active", 0, (("i32.const", 8),), 3), ("active", 1, (("global.get", 0),), 0), ("passive", 0, (), 7),
    ]  # fmt: skip


def test_data_is_found_in_the_file() -> None:
    wasm = to_wasm(b'(module (memory 1) (data (i32.const 1) "first") (data "second"))')
    assert [wasm[each.start : each.start + each.length] for each in CoreModule(wasm).data] == [b"first", b"second"]


def test_functions_escape_in_wasmtimes_order() -> None:
    found = module(
        '(import "" "f" (func)) (func $a) (func $b) (func $c) (func $d) (func $e) (func $unseen)'
        '(global funcref (ref.func $c)) (export "x" (func $b)) (export "y" (func $c)) (table 3 funcref)'
        "(elem (i32.const 0) func $a $b) (elem declare func $e) (elem funcref (ref.func $d) (ref.func 0)) (start $unseen)"
    )
    assert list(found.escaped) == [0, 3, 2, 1, 5, 4]
    assert list(found.escaped.values()) == [0, 1, 2, 3, 4, 5]


STATIC = {
    "(elem (i32.const 0) func $f) (elem (i32.const 9) func $f)": 2,
    "(elem (i32.const 10) func $f) (elem (i32.const 0) func $f)": 0,
    "(elem (i32.const 10) func) (elem (i32.const 0) func $f)": 2,
    "(elem (i32.const 11) func) (elem (i32.const 0) func $f)": 0,
    "(elem (i32.const -1) func $f)": 0,
    "(elem (i32.const 1) func $f) (elem (global.get $i) func $f) (elem (i32.const 0) func $f)": 1,
    "(elem (i32.const 1) func $f) (elem (table $imported) (i32.const 0) func $f)": 1,
    "(elem (i32.const 1) funcref (ref.func $f))": 0,
    "(elem (table $x) (i32.const 1) externref (ref.null extern))": 0,
    "(elem (i32.add (i32.const 1) (i32.const 1)) func $f)": 0,
    "(elem func $f) (elem (i32.const 1) func $f) (elem declare func $f)": 3,
    "": 0,
}


@pytest.mark.parametrize(("segments", "count"), STATIC.items())
def test_the_first_segments_may_be_there_from_the_start(segments: str, count: int) -> None:
    text = '(import "" "t" (table $imported 9 funcref)) (import "" "g" (global $i i32)) (table $t 10 funcref)'
    for offset in ("(i32", "(global"):
        segments = segments.replace(f"(elem {offset}", f"(elem (table $t) {offset}")
    assert module(f"{text} (table $x 10 externref) (func $f) {segments}").static_elements() == count


def test_a_table_is_laid_out_in_advance_up_to_a_limit() -> None:
    assert module("(table 2000000 funcref) (func $f) (elem (i32.const 1048575) func $f)").static_elements() == 1
    assert module("(table 2000000 funcref) (func $f) (elem (i32.const 1048576) func $f)").static_elements() == 0


WHOLE = to_wasm(
    f"""(module {IMPORTS} (func $f) (table 7 funcref) (memory 8 9) (global i32 (i32.const 5)) (tag (param i32)) (start $f)
    (export "f" (func $f)) (elem (table 1) (i32.const 1) func $f) (elem funcref (ref.null func)) (data (i32.const 0) "abc")
    (global v128 (v128.const i64x2 1 2)) (global f32 (f32.const 1)) (func (param i64) (result f32) (f32.const 1)))""".encode()
)


def test_every_truncation_is_a_module_or_malformed() -> None:
    refused = 0
    for size in range(len(WHOLE)):
        try:
            CoreModule(WHOLE[:size])
        except MalformedModule:
            refused += 1
    assert refused > len(WHOLE) - 20  # those that end with a section may be whole


def test_every_changed_byte_is_a_module_or_malformed() -> None:
    refused = 0
    for place in range(8, len(WHOLE)):
        for value in (0, 1, 0x41, 0x7F, 0x80, 0xFF, WHOLE[place] ^ 1, WHOLE[place] ^ 0x40):
            try:
                CoreModule(WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :])
            except MalformedModule:
                refused += 1
    assert refused > len(WHOLE)


def test_types_that_the_engine_has_not_are_malformed_here() -> None:
    others = ["(type (struct (field i32 i32)))", "(func (param anyref))", "(memory i64 1)", "(memory 1 1 shared)"]
    for fields in [*others, "(table i64 1 funcref)"]:
        with pytest.raises(MalformedModule, match="x86 engine"):
            module(fields)


def test_what_isnt_there_cant_be_meant() -> None:
    for fields, what in {
        "(func $f) (elem (table 3) (i32.const 0) func $f)": "no table 3",
        '(data (memory 2) (i32.const 0) "")': "no memory 2",
        "(elem func 7)": "no function 7",
        "(func (type 4))": "no type 4",
        '(export "x" (memory 1))': "no memory 1",
        "(start 2)": "no function 2",
        "(global i32 (global.get 9))": "no global 9",
        "(tag (type 5))": "no type 5",
    }.items():
        with pytest.raises(MalformedModule, match=what):
            module(fields)


def test_the_long_form_of_a_reference_is_the_same() -> None:
    assert module("(func (param (ref null func) (ref null extern)))").types == [("rx", "")]
    wasm = to_wasm(b"(module (func (param funcref)))")
    longer = wasm.replace(b"\x60\x01\x70\x00", b"\x60\x01\x63\x70\x00").replace(b"\x01\x05\x01", b"\x01\x06\x01")
    assert len(longer) == len(wasm) + 1 and CoreModule(longer).types == [("r", "")]
