"""Where values lie in memory: every function's step has a slot for each core parameter."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from struct import unpack_from

import pytest

from conformance.fuzz.layout import (
    DATA,
    MEMORY,
    RESULTS,
    SUBSCRIPTIONS,
    TEXTS,
    VECTORS,
    fits,
    functions,
    lay,
    shown,
    slot_letters,
)
from conformance.fuzz.model import Model
from conformance.fuzz.steps import Step
from conformance.fuzz.strategies import values
from tests.conformance.fuzz.sides import opening, writing


@pytest.mark.parametrize("name", sorted(functions()))
def test_each_function_has_a_value_for_each_slot_within_its_type(name: str) -> None:
    random = Random(name)
    for number in range(200):
        drawn = values(name, Model(), random)
        if isinstance(drawn.get("cookie"), dict):
            continue
        laid = lay(Step(number, name, drawn))
        letters = slot_letters(name)
        assert len(laid.slots) == len(letters) and fits(Step(number, name, drawn))
        assert all(0 <= slot < (1 << 64 if letter == "I" else 1 << 32) for slot, letter in zip(laid.slots, letters))
        assert all(at >= 0 and at + len(piece) <= MEMORY for at, piece in laid.pieces)


def test_pieces_do_not_overlap() -> None:
    random = Random(1)
    for _ in range(2000):
        laid = lay(Step(4, name := random.choice(sorted(functions())), values(name, Model(), random)))
        ends = sorted((at, at + len(piece)) for at, piece in laid.pieces if piece)
        assert all(end <= start for (_, end), (start, _) in pairwise(ends))


def test_a_write() -> None:
    laid = lay(writing(5, 4, [2, 1]))
    assert laid.slots == [0, VECTORS, 2, RESULTS]
    assert laid.slot_descriptors == [(0, 4)]
    pieces = dict(laid.pieces)
    assert pieces[DATA] == b"AB" and pieces[DATA + 10] == b"A"
    assert unpack_from("<4I", pieces[VECTORS]) == (DATA, 2, DATA + 10, 1)


def test_numbers_put_into_slots_stand_above_values() -> None:
    step = opening(4, "a")
    laid = lay(Step(4, step.name, step.values, {0: 77, 2: 5}))
    assert laid.slots[:4] == [77, 0, 5, 1] and not laid.slot_descriptors and dict(laid.pieces)[TEXTS] == b"a"


def test_a_descriptor_in_a_subscription_is_told_apart() -> None:
    poll = [{"clock": 0, "timeout": 5, "flags": 1, "user": 1}, {"fd": {"of": 9}, "for": "write", "user": 2},
            {"fd": 77, "for": "read", "user": 3}]  # fmt: skip
    laid = lay(Step(4, "poll_oneoff", {"poll": poll}))
    raw = dict(laid.pieces)[SUBSCRIPTIONS]
    assert len(raw) == 3 * 48 and laid.placed_descriptors == [(SUBSCRIPTIONS + 48 + 16, 9)]
    assert unpack_from("<QB", raw, 48) == (2, 2) and unpack_from("<QB7xI", raw, 96) == (3, 1, 77)


def test_what_does_not_fit() -> None:
    assert not fits(writing(4, 3, [MEMORY])) and not fits(Step(4, "fd_close", {"fd": -1})) and not fits(Step(4, "fd_close"))
    assert not fits(Step(4, "fd_close", {"fd": {"of": "x"}})) and not fits(Step(4, "fd_close", {"fd": 1}, {7: 1}))
    assert fits(Step(4, "fd_readdir", {"fd": 1, "buf": 512, "cookie": {"entry": 3}}, walk=True))


def test_a_step_for_people() -> None:
    assert shown(writing(5, 4, [2])) == "5: fd_write(fd=fd of 4, iovs=[2] bytes from 0x41 on)"
    assert "path='a', oflags=creat, fs_rights_base=fd_read|fd_write" in shown(opening(4, "a"))
    assert shown(Step(6, "fd_close", {"fd": {"of": 3}}, {0: 255})) == "6: fd_close(fd=/, fd:=0xff)"
