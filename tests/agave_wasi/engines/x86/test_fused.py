"""Fused multiply-add against exact fractions, at every edge of both formats."""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from agave_wasi.engines.x86.fused import DOUBLE, SINGLE, Format, multiply_add, multiply_add_lanes


def number(bits: int, format: Format) -> float:
    code = "f" if format is SINGLE else "d"
    value: float = struct.unpack(f"<{code}", bits.to_bytes(4 if format is SINGLE else 8, "little"))[0]
    return value


def bits_of(value: float) -> int:
    found: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return found


NAN, INFINITY, MINUS = 0x7FF8 << 48, 0x7FF0 << 48, 1 << 63
ONE, TWO = bits_of(1.0), bits_of(2.0)


@pytest.mark.parametrize(
    "x, y, z, expected",
    [
        (ONE, ONE, ONE, TWO),
        (0, ONE, 0, 0),
        (MINUS, ONE, 0, 0),
        (MINUS, ONE, MINUS, MINUS),
        (0, ONE, MINUS, 0),
        (ONE, ONE, ONE | MINUS, 0),
        (INFINITY, ONE, ONE, INFINITY),
        (INFINITY, ONE | MINUS, ONE, INFINITY | MINUS),
        (ONE, ONE, INFINITY | MINUS, INFINITY | MINUS),
        (INFINITY, 0, ONE, NAN),
        (INFINITY, ONE, INFINITY | MINUS, NAN),
        (INFINITY, ONE, INFINITY, INFINITY),
        (INFINITY | 1, ONE, ONE, NAN),
        (ONE, ONE, NAN | MINUS | 5, NAN),
        (INFINITY - 1, TWO, 0, INFINITY),
        (INFINITY - 1, TWO | MINUS, 0, INFINITY | MINUS),
        (1, ONE, 0, 1),
        (1, bits_of(0.5), 0, 0),  # a tie, to even
        (3, bits_of(0.5), 0, 2),
        (1, bits_of(0.75), 0, 1),
        (0x000F_FFFF_FFFF_FFFF, ONE, 1, 0x0010_0000_0000_0000),  # into the normal numbers
    ],
)
def test_edges(x: int, y: int, z: int, expected: int) -> None:
    assert multiply_add(x, y, z, DOUBLE) == expected
    assert multiply_add(y, x, z, DOUBLE) == expected


def test_it_is_rounded_once() -> None:
    """1 + 2**-30 squared, less what a rounded square would be: nothing is left by rounding twice."""
    x = bits_of(1 + 2.0**-30)
    assert number(multiply_add(x, x, bits_of(-(1 + 2.0**-29)), DOUBLE), DOUBLE) == 2.0**-60


def values(format: Format, random: Random) -> list[int]:
    """Finite numbers of all sizes."""
    top = format.infinity
    found = [0, 1, 3, (1 << format.fraction) - 1, 1 << format.fraction, top - 1, top // 2, top // 2 + 1, top // 3]
    found += [random.randrange(top) for _ in range(8)]
    return found + [each | format.sign for each in found]


@pytest.mark.parametrize("format", [SINGLE, DOUBLE], ids=["f32", "f64"])
def test_finite_numbers_are_the_nearest_to_the_exact_result(format: Format) -> None:
    chosen = values(format, Random(5))
    checked = 0
    for x, y, z in product(chosen, chosen, chosen[::3]):
        exact = Fraction(number(x, format)) * Fraction(number(y, format)) + Fraction(number(z, format))
        found = multiply_add(x, y, z, format)
        if found & ~format.sign == format.infinity:
            limit = Fraction(2) ** (128 if format is SINGLE else 1024) - Fraction(number(format.infinity - 1, format))
            assert abs(exact) >= Fraction(number(format.infinity - 1, format)) + limit / 2
            continue
        checked += 1
        away = abs(exact - Fraction(number(found, format)))
        magnitude = found & ~format.sign
        for other in (magnitude - 1, magnitude + 1):
            if 0 <= other < format.infinity:
                neighbour = abs(exact) - Fraction(number(other, format))
                assert away < abs(neighbour) or (away == abs(neighbour) and not magnitude & 1)
        if exact:
            assert bool(found & format.sign) == (exact < 0)
    assert checked > 5_000


def test_lanes_are_computed_by_themselves() -> None:
    operands = struct.pack("<12f", 1, 2, 3, 4, 10, 20, 30, 40, 0.5, 0.25, 0, -1)
    assert struct.unpack("<4f", multiply_add_lanes(operands, SINGLE)) == (10.5, 40.25, 90, 159)
    operands = struct.pack("<6d", 1, 2, 10, 20, 0.5, 0.25)
    assert struct.unpack("<2d", multiply_add_lanes(operands, DOUBLE)) == (10.5, 40.25)
