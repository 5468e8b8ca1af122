"""What follows from a function's type: slots, spilling, and that it is made once."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.layout import layout
from agave_wasi.component.plan import plan, unpacker
from agave_wasi.component.types import F32, F64, STRING, U8, U32, U64, FuncType, Result, Stream, Tuple
from agave_wasi.engines.base import LinkError
from tests.agave_wasi.component.fake import Guest


def function(result: Any, *types: Any) -> FuncType:
    return FuncType(tuple((f"p{place}", each) for place, each in enumerate(types)), result)


def test_slots() -> None:
    slots = bytearray(b"\xff" * 64)
    struct.pack_into("<I", slots, 0, 7)
    struct.pack_into("<Q", slots, 16, 1 << 40)
    struct.pack_into("<f", slots, 32, 0.5)
    struct.pack_into("<d", slots, 48, 0.1)
    assert unpacker("iIfF")(slots) == (7, 1 << 40, 0.5, 0.1)
    assert unpacker("i")(slots) == (7,)
    assert unpacker("")(slots) == ()


def test_a_plan_is_made_once_for_a_structure() -> None:
    assert plan(function(STRING, U8)) is plan(function(STRING, U8))
    assert plan(function(STRING, U8)) is not plan(function(STRING, U32))


def test_where_the_result_goes() -> None:
    assert (plan(function(None)).result, plan(function(None)).in_memory, plan(function(None)).fallible) == (None, False, False)
    assert (plan(function(U64)).in_memory, plan(function(STRING)).in_memory) == (False, True)
    assert plan(function(Result(None, None))).fallible
    slots = bytearray(16)
    plan(function(U64)).pack(slots, 0, 1 << 40)
    assert plan(function(U64)).unpack_result(slots) == (1 << 40,)
    plan(function(F32)).pack(slots, 0, 0.5)
    assert plan(function(F32)).unpack_result(slots) == (0.5,)


def test_parameters_that_are_core_values() -> None:
    context = Guest().context()
    assert tuple(plan(function(None, U32, F64)).lift_parameters(context, (1, 0.5))) == (1, 0.5)
    assert tuple(plan(function(STRING, U32)).lift_parameters(context, (1, 64))) == (1,)  # the pointer is none
    assert tuple(plan(function(None, U8)).lift_parameters(context, (0x101,))) == (1,)
    assert tuple(plan(function(None, Tuple((U8, U8)), U8)).lift_parameters(context, (1, 2, 0x103))) == ((1, 2), 3)
    assert tuple(plan(function(STRING, STRING, U32, U64)).lift_parameters(context, (0, 2, 5, 6, 64))) == ("\0\0", 5, 6)
    assert tuple(plan(function(None)).lift_parameters(context, ())) == ()


def test_parameters_that_lie_in_memory() -> None:
    known = plan(function(None, U8, *[U64] * 16))
    assert (known.lowered, known.spilled and known.spilled.size) == (("i", ""), 17 * 8)
    guest = Guest()
    at = guest.put(struct.pack("<B7x16Q", 5, *range(16)), 256)
    assert tuple(known.lift_parameters(guest.context(), (at,))) == (5, *range(16))
    for wrong, message in [(260, "misaligned"), (guest.size - 128, "out of bounds")]:
        with pytest.raises(Trap, match=message):
            known.lift_parameters(guest.context(), (wrong,))
    assert known.spilled is not None
    assert known.spilled.offsets == layout(Tuple((U8, *[U64] * 16))).offsets


def test_what_belongs_to_preview_3() -> None:
    with pytest.raises(LinkError, match="needs Preview 3"):
        plan(function(None, Stream(U8)))
    with pytest.raises(LinkError, match="needs Preview 3"):
        plan(function(Stream(U8)))
