"""Names of instructions by their opcodes, as the text format has them, in the order of the opcodes.

`PLAIN` are those of one byte; `NUMERIC` and `VECTOR` those behind the prefixes fc and fd, by the number that follows. Source:
core specification, appendix A.4 (Index of Instructions), and the explainers of the proposals.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_INTEGER_COMPARISONS = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"
_FLOAT_COMPARISONS = "eq ne lt gt le ge"
_INTEGER = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"
_FLOAT = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"
_LANES = "shl shr_s shr_u"


def _of(type: str, names: str) -> str:
    """Each of the names as an instruction of a type."""
    return " ".join(f"{type}.{name}" if name != "-" else name for name in names.split())


def _table(*parts: tuple[int, str]) -> dict[int, str]:
    """Names by number, of lists that begin at numbers; a - stands for a number that has none."""

    def rows() -> Iterator[tuple[int, str]]:
        for first, names in parts:
            yield from ((first + at, name) for at, name in enumerate(names.split()) if name != "-")

    return dict(rows())


PLAIN = _table(
    (0x00, "unreachable nop block loop if else try catch throw rethrow throw_ref end br br_if br_table return"),
    (0x10, "call call_indirect return_call return_call_indirect call_ref return_call_ref - - delegate catch_all drop select"),
    (0x1C, "select - - try_table local.get local.set local.tee global.get global.set table.get table.set"),
    (0x28, "i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u"),
    (0x30, "i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u"),
    (0x36, "i32.store i64.store f32.store f64.store"),
    (0x3A, "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32 memory.size memory.grow"),
    (0x41, "i32.const i64.const f32.const f64.const"),
    (0x45, _of("i32", f"eqz {_INTEGER_COMPARISONS}")),
    (0x50, _of("i64", f"eqz {_INTEGER_COMPARISONS}")),
    (0x5B, _of("f32", _FLOAT_COMPARISONS)),
    (0x61, _of("f64", _FLOAT_COMPARISONS)),
    (0x67, _of("i32", _INTEGER)),
    (0x79, _of("i64", _INTEGER)),
    (0x8B, _of("f32", _FLOAT)),
    (0x99, _of("f64", _FLOAT)),
    (0xA7, _of("i32", "wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u")),
    (0xAC, _of("i64", "extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u")),
    (0xB2, _of("f32", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64")),
    (0xB7, _of("f64", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32")),
    (0xBC, "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64"),
    (0xC0, "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"),
    (0xD0, "ref.null ref.is_null ref.func ref.eq ref.as_non_null br_on_null br_on_non_null"),
)
NUMERIC = _table(
    (0x00, _of("i32", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u")),
    (0x04, _of("i64", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u")),
    (0x08, "memory.init data.drop memory.copy memory.fill table.init elem.drop table.copy table.grow table.size table.fill"),
    (0x13, "i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u"),
)


def _extended(from_type: str) -> str:
    return f"extend_low_{from_type}_s extend_high_{from_type}_s extend_low_{from_type}_u extend_high_{from_type}_u"


def _multiplied(from_type: str) -> str:
    return f"extmul_low_{from_type}_s extmul_high_{from_type}_s extmul_low_{from_type}_u extmul_high_{from_type}_u"


_SATURATING = "add add_sat_s add_sat_u sub sub_sat_s sub_sat_u"
_EXTREMES = "min_s min_u max_s max_u"
_FLOAT_LANES = "abs neg - sqrt add sub mul div min max pmin pmax"
VECTOR = _table(
    (0x00, _of("v128", "load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat")),
    (0x09, _of("v128", "load32_splat load64_splat store const")),
    (0x0D, "i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat"),
    (0x15, _of("i8x16", "extract_lane_s extract_lane_u replace_lane")),
    (0x18, _of("i16x8", "extract_lane_s extract_lane_u replace_lane")),
    (0x1B, "i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane"),
    (0x1F, "f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane"),
    (0x23, _of("i8x16", _INTEGER_COMPARISONS)),
    (0x2D, _of("i16x8", _INTEGER_COMPARISONS)),
    (0x37, _of("i32x4", _INTEGER_COMPARISONS)),
    (0x41, _of("f32x4", _FLOAT_COMPARISONS)),
    (0x47, _of("f64x2", _FLOAT_COMPARISONS)),
    (0x4D, _of("v128", "not and andnot or xor bitselect any_true load8_lane load16_lane load32_lane load64_lane")),
    (0x58, _of("v128", "store8_lane store16_lane store32_lane store64_lane load32_zero load64_zero")),
    (0x5E, "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4"),
    (0x60, _of("i8x16", "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u")),
    (0x67, _of("f32x4", "ceil floor trunc nearest")),
    (0x6B, _of("i8x16", f"{_LANES} {_SATURATING}")),
    (0x74, "f64x2.ceil f64x2.floor"),
    (0x76, _of("i8x16", _EXTREMES)),
    (0x7A, "f64x2.trunc i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u"),
    (0x7E, "i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u"),
    (0x80, _of("i16x8", "abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u")),
    (0x87, _of("i16x8", f"{_extended('i8x16')} {_LANES} {_SATURATING}")),
    (0x94, "f64x2.nearest"),
    (0x95, _of("i16x8", f"mul {_EXTREMES} - avgr_u {_multiplied('i8x16')}")),
    (0xA0, _of("i32x4", f"abs neg - all_true bitmask - - {_extended('i16x8')} {_LANES} add - - sub - - - mul {_EXTREMES}")),
    (0xBA, _of("i32x4", f"dot_i16x8_s - {_multiplied('i16x8')}")),
    (0xC0, _of("i64x2", f"abs neg - all_true bitmask - - {_extended('i32x4')} {_LANES} add - - sub - - - mul")),
    (0xD6, _of("i64x2", f"eq ne lt_s gt_s le_s ge_s {_multiplied('i32x4')}")),
    (0xE0, _of("f32x4", _FLOAT_LANES)),
    (0xEC, _of("f64x2", _FLOAT_LANES)),
    (0xF8, "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u"),
    (0xFC, "i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u"),
    (0x100, "i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero"),
    (0x104, "i32x4.relaxed_trunc_f64x2_u_zero f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd"),
    (0x109, "i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect"),
    (0x10D, "f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max i16x8.relaxed_q15mulr_s"),
    (0x112, "i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s"),
)
