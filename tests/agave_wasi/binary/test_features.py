"""Features: every example needs exactly what it says, both in types and in function bodies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agave_wasi.binary import describe, writer
from agave_wasi.binary.reader import MODULE_PREAMBLE, MalformedModule
from tests.agave_wasi.binary.sections import section

Assemble = Callable[[str], bytes]

BODY = "(module (memory 1) (table 1 funcref) (func $f (param i32) (result i32) {}) (func $v))"

EXAMPLES: list[tuple[str, str]] = [
    (BODY.format("(i32.add (local.get 0) (i32.const -2147483648))"), ""),
    (BODY.format("(i32.load offset=4294967295 (local.get 0))"), ""),
    (BODY.format("(i64.store8 (i32.const 1) (i64.const -9223372036854775808)) (memory.size)"), ""),
    (BODY.format("(drop (f32.const nan)) (drop (f64.const 1e300)) (memory.grow (i32.const 1))"), ""),
    (BODY.format("(block (result i32) (loop (br_if 0 (local.get 0))) (i32.const 1))"), ""),
    (BODY.format("(block (block (br_table 0 1 0 1 1 (local.get 0)))) (unreachable)"), ""),
    (BODY.format("(call_indirect (result i32) (local.get 0))"), ""),
    (BODY.format("(select (i32.const 1) (i32.const 2) (local.get 0))"), ""),
    (BODY.format("(i32.extend8_s (local.get 0))"), "sign-extension"),
    (BODY.format("(i32.trunc_sat_f64_u (f64.const 1))"), "saturating-float-to-int"),
    (BODY.format("(memory.fill (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 0)"), "bulk-memory"),
    (BODY.format("(memory.copy (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 0)"), "bulk-memory"),
    (BODY.format("(table.copy (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 0)"), "bulk-memory"),
    ('(module (memory 1) (data "x"))', "bulk-memory"),
    ('(module (memory 1) (data "x") (func (data.drop 0)))', "bulk-memory"),
    (BODY.format("(select (result i32) (i32.const 1) (i32.const 2) (local.get 0))"), "reference-types"),
    (BODY.format("(ref.is_null (table.get 0 (local.get 0)))"), "reference-types"),
    (BODY.format("(table.size 0)"), "reference-types"),
    ("(module (func (param externref)))", "reference-types"),
    ("(module (func (local funcref)))", "reference-types"),
    ("(module (table 1 funcref) (table 1 funcref))", "reference-types"),
    ("(module (func (result i32 i32) (unreachable)))", "multi-value"),
    (BODY.format("(block (result i32 i32) (i32.const 1) (i32.const 2)) (i32.add)"), "multi-value"),
    (BODY.format("(i32x4.extract_lane 1 (i32x4.splat (local.get 0)))"), "simd"),
    (BODY.format("(drop (v128.load8_lane 3 (i32.const 1) (v128.const i32x4 1 2 3 4))) (i32.const 0)"), "simd"),
    (BODY.format("(drop (block (result v128) (v128.const i64x2 1 2))) (i32.const 0)"), "simd"),
    (
        BODY.format(
            "(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.load (i32.const 0))"
            " (v128.load64_zero (i32.const 0))) (i64x2.extmul_high_i32x4_u (v128.load (i32.const 0)))"
            " (f64x2.promote_low_f32x4) (i8x16.all_true)"
        ),
        "simd",
    ),
    ("(module (global v128 (v128.const i32x4 0 0 0 0)))", "simd"),
    (
        BODY.format("(i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const 1))))"),
        "relaxed-simd simd",
    ),
    (BODY.format("(return_call $f (local.get 0))"), "tail-calls"),
    (BODY.format("(return_call_indirect (param i32) (result i32) (local.get 0) (local.get 0))"), "tail-calls"),
    ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", "extended-const"),
    ("(module (memory 1) (memory 1))", "multi-memory"),
    ("(module (memory 1) (memory 1) (func (drop (i32.load 1 (i32.const 0)))))", "multi-memory"),
    ("(module (memory 1) (memory 1) (func (drop (memory.size 1))))", "multi-memory"),
    ("(module (memory i64 1) (func (drop (i64.load offset=0xffffffffffff (i64.const 0)))))", "memory64"),
    ("(module (memory 1 1 shared))", "threads"),
    (BODY.format("(i32.atomic.rmw8.cmpxchg_u (i32.const 0) (i32.const 1) (i32.const 2))"), "threads"),
    (BODY.format("(atomic.fence) (memory.atomic.notify (i32.const 0) (i32.const 1))"), "threads"),
    ("(module (tag (param i32)))", "exceptions"),
    ("(module (tag $t) (func (throw $t)))", "exceptions"),
    ("(module (tag $t) (func (block (try_table (catch $t 0) (catch_all 0) (nop)))))", "exceptions exceptions-exnref"),
    ("(module (func (param exnref) (throw_ref (local.get 0))))", "exceptions-exnref"),
    ("(module (tag $t) (func try nop catch $t rethrow 0 catch_all end))", "exceptions exceptions-legacy"),
    ("(module (func try delegate 0))", "exceptions-legacy"),
    ("(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))", "function-references"),
    ("(module (type $s (struct (field (mut i8)))) (func (drop (struct.new_default $s))))", "gc"),
    ("(module (func (param anyref) (drop (ref.test (ref i31) (local.get 0)))))", "gc"),
    ('(module (global (import "e" "g") (mut i32)))', "mutable-globals"),
    ('(module (global (export "g") (mut i32) (i32.const 0)))', "mutable-globals"),
    ("(module (memory 1 (pagesize 1)))", "custom-page-sizes"),
    (
        "(module (func (result i64 i64) (i64.mul_wide_u (i64.const 1) (i64.const 2))))",
        "multi-value wide-arithmetic",
    ),
]


@pytest.mark.parametrize(("text", "features"), EXAMPLES)
def test_example(assemble: Assemble, text: str, features: str) -> None:
    description = describe(assemble(text), features=True)
    assert " ".join(description.features) == features
    assert description.features_complete


def test_a_description_without_bodies_says_so(assemble: Assemble) -> None:
    data = assemble(BODY.format("(i32.extend8_s (local.get 0))"))
    plain = describe(data)
    assert plain.features == ()
    assert not plain.features_complete


def code(body: bytes) -> bytes:
    """A module with one function."""
    sized = bytes((len(body),)) + body
    section = b"\x0a" + bytes((len(sized) + 1,)) + b"\x01" + sized
    return MODULE_PREAMBLE + b"\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00" + section


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("00", "does not close"),
        ("0001", "does not close"),
        ("0020", "no instruction begins with the bytes 20"),
        ("0027", "27"),
        ("00fcff7f0b", "fc ff 7f 0b"),
        ("00fd9a010b", "fd 9a 01 0b"),
        ("000eff010b", "does not fit"),
        ("00418080808080000b", "41 80 80 80"),
        ("01017a0b", "no value type"),
        ("ff010b", "does not fit"),
    ],
)
def test_bad_body(body: str, reason: str) -> None:
    data = code(bytes.fromhex(body))
    assert describe(data).function_count == 1
    with pytest.raises(MalformedModule, match=reason):
        describe(data, features=True)


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        ("0041001100000b", ""),
        ("004100110080808080000b", "call-indirect-overlong"),
        ("0041001100010b", "reference-types"),
        ("004100110081808080000b", "reference-types"),
        ("0041000e808000000b", ""),
        ("004300000000fc80000b", "saturating-float-to-int"),
        ("00fdcd000b", "simd"),
        ("00fdce80000b", "simd"),
        ("0041002802808080000b", ""),
    ],
)
def test_numbers_may_be_longer_than_needed(body: str, feature: str) -> None:
    assert " ".join(describe(code(bytes.fromhex(body)), features=True).features) == feature


def instructions() -> list[bytes]:
    """Every opcode that there may be."""
    plain = [bytes((code,)) for code in range(0xFB)] + [b"\xff"]
    counts = {0xFB: 40, 0xFC: 40, 0xFD: 0x140, 0xFE: 0x60}
    return plain + [bytes((prefix,)) + writer.unsigned(code) for prefix in counts for code in range(counts[prefix])]


def around(instruction: bytes, zeros: int, type: bytes) -> bytes:
    """A module with the instruction in code that is never reached, where any operands fit; index 0 always exists."""
    body = b"\x01\x01\x7f\x00" + instruction + bytes(zeros) + b"\x00\x0b"
    return (
        MODULE_PREAMBLE
        + section(1, type, b"\x60\0\0")
        + section(3, b"\x01")
        + section(4, b"\x70\0\x01")
        + section(5, b"\x03\x01\x02")
        + section(13, b"\0\x01")
        + section(6, b"\x7f\x01\x41\0\x0b")
        + section(9, b"\x01\0\0")
        + b"\x0c\x01\x01"
        + section(10, writer.unsigned(len(body)) + body)
        + section(11, b"\x01\x01x")
    )


@pytest.mark.parametrize(
    "type", ["600000", "5f017f01", "5e7f01", "4e025d01600000"], ids=["func", "struct", "array", "cont"]
)
def test_every_instruction_of_the_engine_is_known(type: str) -> None:
    """Zeros stand for immediates, and behind them for `unreachable`, so a wrong number of immediates shows as well."""
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    for feature in [name for name in dir(wasmtime.Config) if name.startswith("wasm_")]:
        setattr(config, feature, True)
    config.shared_memory = True
    engine = wasmtime.Engine(config)
    accepted = set()
    for instruction in instructions():
        for zeros in (0, 1, 2, 3, 16, 17):
            data = around(instruction, zeros, bytes.fromhex(type))
            try:
                wasmtime.Module.validate(engine, data)
            except wasmtime.WasmtimeError:
                continue
            accepted.add(instruction)
            describe(data, features=True)
    assert len(accepted) > 400
