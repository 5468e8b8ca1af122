"""Instructions as text: assembled, read back, and assembled again."""

from __future__ import annotations

import re
from random import Random

import pytest

from agave_wasi.binary.instructions import Instruction, instructions
from agave_wasi.binary.names import Names
from tests.agave_wasi.binary.conftest import Assemble

BODIES = [
    "local.get 0 local.set 1 local.tee 2 global.get 0 global.set 0 table.get 1 table.set 1",
    "i32.const -5 i64.const -9223372036854775808 f32.const 1.5 f64.const -0.1 f64.const inf f32.const -nan:0x400001",
    "f32.const nan:0x400000 f64.const nan:0x8000000000001",
    "block end block (result i32) end loop (type 1) br 0 br_if 1 br_table 0 1 2 end if else end",
    "call 0 return_call 1 call_indirect (type 0) call_indirect 1 (type 1) return_call_indirect (type 1)",
    "i32.load align=4 i64.load8_u offset=70000 align=1 f64.store offset=8 align=2 i32.load 1 align=4 v128.load align=16",
    "memory.size memory.size 1 memory.grow 1 memory.init 0 memory.init 1 1 data.drop 1 memory.copy memory.copy 1 0",
    "memory.fill memory.fill 1 table.init 0 table.init 1 0 elem.drop 0 table.copy 1 0 table.grow 1 table.size 0 table.fill 1",
    "select select (result i64) select (result funcref) drop nop unreachable return",
    "ref.null func ref.null extern ref.is_null ref.func 1 throw 0 throw_ref",
    "block try_table (catch 0 0) (catch_ref 0 1) (catch_all 0) (catch_all_ref 1) end end try_table (result i32) end",
    "v128.const i32x4 0x00000001 0xffffffff 0x7fffffff 0x00000000",
    "i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 i8x16.extract_lane_s 15 f64x2.replace_lane 1",
    "v128.load8_lane offset=3 align=1 7 v128.store64_lane align=8 1 v128.load32_zero align=4 v128.load64_splat 1 align=8",
    "i8x16.relaxed_swizzle i32.trunc_sat_f32_u i64.extend32_s i32x4.relaxed_dot_i8x16_i7x16_add_s",
]
AROUND = """(module (type (func)) (type (func (param i32) (result i32))) (tag (type 0)) (memory 1) (memory 1)
  (table 1 funcref) (table 1 funcref) (global (mut i32) (i32.const 0)) (data "a") (data "b") (elem func 0)
  (func (type 0)) (func (type 1) (local i32 i64 i64) {} unreachable))"""


def read(wasm: bytes, function: int = 1, end: int | None = None) -> list[Instruction]:
    names = Names(wasm)
    body = names.body(function)
    assert body is not None
    return instructions(wasm, body[0], body[1] if end is None else end, names.function)


@pytest.mark.parametrize("body", BODIES)
def test_what_is_read_back_is_what_was_written(body: str, assemble: Assemble) -> None:
    wasm = assemble(AROUND.format(body))
    found = read(wasm)
    again = " ".join(each.text for each in found[:-2])
    assert found[-1].text == "end" and assemble(AROUND.format(again)) == wasm
    if not re.search(r"nan|call|ref.func", body):
        assert again == body


def test_offsets_names_and_depth(assemble: Assemble) -> None:
    wasm = assemble('(module (func $f (block (loop (br 0)) (call $g))) (func $g (if (i32.const 300) (then) (else nop))))')
    first, second = read(wasm, 0), read(wasm, 1)
    assert [(each.depth, each.text) for each in first] == [
        (0, "block"), (1, "loop"), (2, "br 0"), (1, "end"), (1, "call 1 (; g ;)"), (0, "end"), (0, "end"),
    ]  # fmt: skip
    assert [(each.depth, each.text) for each in second][1:4] == [(0, "if"), (0, "else"), (1, "nop")]
    assert wasm[second[0].offset] == 0x41 and second[1].offset == second[0].offset + 3 and wasm[second[1].offset] == 4


def test_what_cannot_be_read_is_shown_as_bytes(assemble: Assemble) -> None:
    wasm = bytearray(assemble(AROUND.format("i32.const 1 nop")))
    at = next(each.offset for each in read(bytes(wasm)) if each.text == "nop")
    wasm[at] = 0xFB
    assert read(bytes(wasm))[-1].text.startswith("(can't be read: fb 00 0b") and read(bytes(wasm))[0].text == "i32.const 1"
    assert read(bytes(wasm), end=at + 1)[-1].text == "(can't be read: fb)"


def test_damage_never_crashes(assemble: Assemble) -> None:
    random = Random(7)
    for body in BODIES:
        wasm = assemble(AROUND.format(body))
        start, end = Names(wasm).body(1) or (0, 0)
        for _ in range(100):
            broken = bytearray(wasm)
            broken[random.randrange(start, end)] = random.randrange(256)
            assert instructions(bytes(broken), start, random.randrange(start, end + 1), lambda index: None) is not None
