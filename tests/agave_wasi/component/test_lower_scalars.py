"""Values of one core value: their ranges, and what isn't one of them."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from agave_wasi.component.lower import lowerer
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import BOOL, CHAR, F32, F64, PRIMITIVES, Enum, Flags
from tests.agave_wasi.component.fake import Guest
from tests.agave_wasi.component.reference import NUMBERS


def flat(type: Any, value: Any) -> Any:
    found: list[Any] = []
    lowerer(type).flat(Guest().context(), value, found)
    return found[0]


def stored(type: Any, value: Any, size: int) -> bytes:
    guest = Guest()
    lowerer(type).store(guest.context(), value, 1024)
    assert not any(guest.bytes[1024 + size : 1040])
    return bytes(guest.bytes[1024 : 1024 + size])


class Five:
    def __index__(self) -> int:
        return 5


@pytest.mark.parametrize("name", NUMBERS)
def test_integers_have_bounds(name: str) -> None:
    type, (signed, bits) = PRIMITIVES[name], NUMBERS[name]
    low, high = -signed << bits - 1, (1 << bits - signed) - 1
    core = 64 if bits == 64 else 32
    for value in (low, high, 0, 5):
        assert flat(type, value) == value % (1 << core)
        assert stored(type, value, bits // 8) == value.to_bytes(bits // 8, "little", signed=bool(signed))
    assert flat(type, Five()) == 5
    assert stored(type, Five(), bits // 8)[0] == 5
    for wrong in (low - 1, high + 1, 0.0, "1", None, 1 << 100):
        with pytest.raises(Misfit, match=f"doesn't fit the type {name}"):
            flat(type, wrong)
        with pytest.raises(Misfit, match=f"doesn't fit the type {name}"):
            stored(type, wrong, 8)


@pytest.mark.parametrize("type", [F32, F64])
def test_floats(type: Any) -> None:
    assert flat(type, 1) == 1.0
    assert flat(type, -0.5) == -0.5
    assert math.copysign(1, flat(type, -0.0)) == -1
    assert flat(type, math.inf) == math.inf
    assert stored(type, 0.5, 4 if type is F32 else 8) == struct.pack("<f" if type is F32 else "<d", 0.5)
    for wrong in ("0.5", None, 1 << 2000, [1.0]):
        with pytest.raises(Misfit):
            flat(type, wrong)
        with pytest.raises(Misfit):
            stored(type, wrong, 8)


def test_a_float_is_rounded_to_its_size() -> None:
    assert flat(F32, 0.1) == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert flat(F64, 0.1) == 0.1
    for lower in (flat, lambda type, value: stored(type, value, 8)):
        with pytest.raises(Misfit):
            lower(F32, 1e300)


def test_nan_is_the_canonical_one() -> None:
    odd = struct.unpack("<d", struct.pack("<Q", 0xFFF8_0000_0000_0001))[0]
    assert stored(F32, odd, 4) == b"\x00\x00\xc0\x7f"
    assert stored(F64, odd, 8) == b"\x00\x00\x00\x00\x00\x00\xf8\x7f"
    assert struct.pack("<d", flat(F64, odd)) == b"\x00\x00\x00\x00\x00\x00\xf8\x7f"


def test_bools_are_true_or_false() -> None:
    assert (flat(BOOL, True), flat(BOOL, False), stored(BOOL, True, 1)) == (1, 0, b"\x01")
    for wrong in (1, 0, None, "true"):
        with pytest.raises(Misfit):
            flat(BOOL, wrong)


def test_chars_are_strings_of_one() -> None:
    assert (flat(CHAR, "a"), stored(CHAR, "\U0010ffff", 4)) == (97, b"\xff\xff\x10\x00")
    for wrong in ("", "ab", 97, None, "\ud800", "\udfff", b"a"):
        with pytest.raises(Misfit):
            flat(CHAR, wrong)


def test_flags_are_names() -> None:
    type = Flags(tuple(f"n{place}" for place in range(32)))
    assert flat(type, frozenset({"n0", "n31"})) == 0x8000_0001
    assert flat(type, {"n1"}) == flat(type, ["n1", "n1"]) == 2
    assert stored(type, (), 4) == bytes(4)
    assert stored(Flags(("a", "b")), {"b"}, 1) == b"\x02"
    wrong: Any
    for wrong in ({"x"}, "n0", None, 5, [[]]):
        with pytest.raises(Misfit):
            flat(type, wrong)


def test_enums_are_names() -> None:
    type = Enum(tuple(f"n{place}" for place in range(300)))
    assert (flat(type, "n299"), stored(type, "n299", 2)) == (299, b"\x2b\x01")
    wrong: Any
    for wrong in ("x", 5, None, []):
        with pytest.raises(Misfit):
            flat(type, wrong)


def test_what_is_behind_a_small_number_stays() -> None:
    kinds: list[tuple[Any, Any, int]] = [
        (Enum(("a", "b")), "b", 1), (Flags(tuple("abcdefghi")), ("a",), 2), (CHAR, "a", 4), (BOOL, True, 1),
    ]  # fmt: skip
    for type, value, size in kinds:
        guest = Guest()
        guest.put(b"\xff" * 16, 1024)
        lowerer(type).store(guest.context(), value, 1024)
        assert guest.bytes[1024 + size : 1040] == b"\xff" * (16 - size)
