"""The table of instructions that compute values from values, with their types.

Types are letters: i i32, I i64, f f32, F f64, V v128.
"""

from __future__ import annotations

from typing import NamedTuple

NAMES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64", "V": "v128"}


class Operation(NamedTuple):
    """An instruction as text, immediates included; `parameters` and `result` are letters, the latter empty if there is none."""

    text: str
    parameters: str
    result: str


def _named(prefix: str, names: str, parameters: str, result: str) -> list[Operation]:
    return [Operation(f"{prefix}.{name}", parameters, result) for name in names.split()]


def _scalars() -> list[Operation]:
    found = []
    for letter in "iI":
        name = NAMES[letter]
        found += _named(name, "clz ctz popcnt extend8_s extend16_s", letter, letter)
        found += _named(name, "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr", letter * 2, letter)
        found += _named(name, "eqz", letter, "i")
        found += _named(name, "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u", letter * 2, "i")
        for source in "fF":
            for how in ("trunc", "trunc_sat"):
                found += _named(name, f"{how}_{NAMES[source]}_s {how}_{NAMES[source]}_u", source, letter)
    for letter in "fF":
        name = NAMES[letter]
        found += _named(name, "abs neg ceil floor trunc nearest sqrt", letter, letter)
        found += _named(name, "add sub mul div min max copysign", letter * 2, letter)
        found += _named(name, "eq ne lt gt le ge", letter * 2, "i")
        for source in "iI":
            found += _named(name, f"convert_{NAMES[source]}_s convert_{NAMES[source]}_u", source, letter)
    found += _named("i64", "extend32_s", "I", "I")
    found += _named("i64", "extend_i32_s extend_i32_u", "i", "I")
    found += _named("i32", "wrap_i64", "I", "i") + _named("i32", "reinterpret_f32", "f", "i")
    found += _named("i64", "reinterpret_f64", "F", "I")
    found += _named("f32", "reinterpret_i32", "i", "f") + _named("f32", "demote_f64", "F", "f")
    found += _named("f64", "reinterpret_i64", "I", "F") + _named("f64", "promote_f32", "f", "F")
    found += [Operation(f"select (result {NAMES[letter]})", letter * 2 + "i", letter) for letter in NAMES]
    found += [Operation("select", letter * 2 + "i", letter) for letter in NAMES]
    return found


_LANES = {"i8x16": (16, "i"), "i16x8": (8, "i"), "i32x4": (4, "i"), "i64x2": (2, "I"), "f32x4": (4, "f"), "f64x2": (2, "F")}
_BOTH = "{0}_s {0}_u"


def _signed(*names: str) -> str:
    return " ".join(_BOTH.format(name) for name in names)


def _lanes() -> list[Operation]:
    found = []
    for shape, (count, letter) in _LANES.items():
        found += _named(shape, "splat", letter, "V")
        kinds = ("extract_lane_s", "extract_lane_u") if count > 4 else ("extract_lane",)
        for lane in range(count):
            found += [Operation(f"{shape}.{kind} {lane}", "V", letter) for kind in kinds]
            found.append(Operation(f"{shape}.replace_lane {lane}", "V" + letter, "V"))
    return found


def _integer_vectors() -> list[Operation]:
    found = _named("v128", "not", "V", "V") + _named("v128", "and andnot or xor", "VV", "V")
    found += _named("v128", "bitselect", "VVV", "V") + _named("v128", "any_true", "V", "i")
    for shape in ("i8x16", "i16x8", "i32x4", "i64x2"):
        found += _named(shape, "abs neg", "V", "V") + _named(shape, "all_true bitmask", "V", "i")
        found += _named(shape, "shl shr_s shr_u", "Vi", "V")
        found += _named(shape, "add sub eq ne lt_s gt_s le_s ge_s", "VV", "V")
        if shape != "i64x2":
            found += _named(shape, "lt_u gt_u le_u ge_u " + _signed("min", "max"), "VV", "V")
        if shape != "i8x16":
            found += _named(shape, "mul", "VV", "V")
    for shape in ("i8x16", "i16x8"):
        found += _named(shape, _signed("add_sat", "sub_sat") + " avgr_u", "VV", "V")
    found += _named("i8x16", "popcnt", "V", "V") + _named("i8x16", "swizzle", "VV", "V")
    found += _named("i16x8", "q15mulr_sat_s", "VV", "V") + _named("i32x4", "dot_i16x8_s", "VV", "V")
    narrower = {"i16x8": "i8x16", "i32x4": "i16x8", "i64x2": "i32x4"}
    for shape, source in narrower.items():
        found += _named(shape, _signed(f"extend_low_{source}", f"extend_high_{source}"), "V", "V")
        found += _named(shape, _signed(f"extmul_low_{source}", f"extmul_high_{source}"), "VV", "V")
        if shape != "i64x2":
            found += _named(shape, _signed(f"extadd_pairwise_{source}"), "V", "V")
            found += _named(source, _signed(f"narrow_{shape}"), "VV", "V")
    return found


def _float_vectors() -> list[Operation]:
    found = []
    for shape in ("f32x4", "f64x2"):
        found += _named(shape, "abs neg sqrt ceil floor trunc nearest", "V", "V")
        found += _named(shape, "add sub mul div min max pmin pmax eq ne lt gt le ge", "VV", "V")
    found += _named("i32x4", _signed("trunc_sat_f32x4") + " trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero", "V", "V")
    found += _named("f32x4", _signed("convert_i32x4") + " demote_f64x2_zero", "V", "V")
    found += _named("f64x2", _signed("convert_low_i32x4") + " promote_low_f32x4", "V", "V")
    return found


def _relaxed() -> list[Operation]:
    found = _named("i8x16", "relaxed_swizzle", "VV", "V")
    zeroing = " relaxed_trunc_f64x2_s_zero relaxed_trunc_f64x2_u_zero"
    found += _named("i32x4", _signed("relaxed_trunc_f32x4") + zeroing, "V", "V")
    for shape in ("f32x4", "f64x2"):
        found += _named(shape, "relaxed_madd relaxed_nmadd", "VVV", "V") + _named(shape, "relaxed_min relaxed_max", "VV", "V")
    for shape in ("i8x16", "i16x8", "i32x4", "i64x2"):
        found += _named(shape, "relaxed_laneselect", "VVV", "V")
    found += _named("i16x8", "relaxed_q15mulr_s relaxed_dot_i8x16_i7x16_s", "VV", "V")
    found += _named("i32x4", "relaxed_dot_i8x16_i7x16_add_s", "VVV", "V")
    return found


def shuffle(lanes: list[int]) -> Operation:
    """`i8x16.shuffle` with its 16 immediates."""
    return Operation("i8x16.shuffle " + " ".join(map(str, lanes)), "VV", "V")


OPERATIONS = tuple(_scalars() + _lanes() + _integer_vectors() + _float_vectors() + _relaxed())
