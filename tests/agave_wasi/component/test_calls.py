"""The funnel of a component: frames, names of parked calls, and resuming them."""

from __future__ import annotations

import ctypes

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.calls import Calls
from agave_wasi.component.layout import MAX_FLAT_PARAMS
from agave_wasi.hostcall import MAX_FRAMES, RETRY
from tests.agave_wasi.component.fake import Guest


def test_frames_have_room_for_every_parameter_and_a_pointer() -> None:
    calls = Guest().calls
    slots = (ctypes.c_uint64 * 34)()
    frame = calls.frame(ctypes.addressof(slots))
    assert len(frame) == 4 * (MAX_FLAT_PARAMS + 1)
    frame[0] = 7
    assert slots[0] == 7
    assert calls.frames[ctypes.addressof(slots)] is frame


def test_frames_are_forgotten_before_they_are_too_many() -> None:
    calls = Guest().calls
    slots = (ctypes.c_uint64 * 40)()
    for at in range(MAX_FRAMES):
        calls.frames[at] = memoryview(b"")
    calls.frame(ctypes.addressof(slots))
    assert len(calls.frames) == 1


def test_parked_calls_are_told_apart() -> None:
    calls = Guest().calls
    assert [calls.name_parked("f", lambda values, outputs: 0) for _ in range(3)] == ["f", "f 2", "f 3"]
    assert calls.name_parked("g", lambda values, outputs: 0) == "g"
    assert len({calls.name_parked(name, lambda values, outputs: 0) for name in "fgfg"} | set(calls.parkable)) == 8


def test_resume_starts_the_parked_call_again() -> None:
    guest = Guest()
    seen = []

    def again(values: object, outputs: object) -> int:
        seen.append((values, outputs))
        return RETRY if len(seen) == 1 else 0

    guest.process.parked = (guest.calls.name_parked("f", again), (1, "x"), (64,))
    assert guest.resume() == RETRY
    assert guest.process.parked is not None
    assert guest.resume() == 0
    assert guest.process.parked is None
    assert seen == [((1, "x"), (64,))] * 2


def test_what_goes_wrong_is_kept() -> None:
    guest = Guest()
    with pytest.raises(RuntimeError, match="no call is parked"):
        guest.resume()
    guest.process.parked = ("unknown", (), ())
    with pytest.raises(KeyError):
        guest.resume()


def test_a_leaf_gets_the_slots_and_what_it_raises_is_kept() -> None:
    calls = Guest().calls
    slots = (ctypes.c_uint64 * 40)()
    slots[0], slots[2] = 20, 22
    address = ctypes.addressof(slots)

    def add(view: memoryview) -> None:
        view[0] += view[4]

    assert calls.leaf("f", add)(0, 0, address) == 0 and slots[0] == 42
    error = Trap("no")

    def trap(view: memoryview) -> None:
        raise error

    spare = calls.store.spare
    assert calls.leaf("f", trap)(0, 0, address) == spare != 0
    assert str(calls.store.pending) == "f: no" and calls.store.spare == 0


def test_other_errors_of_a_leaf_stay_what_they_are() -> None:
    calls = Guest().calls
    slots = (ctypes.c_uint64 * 40)()
    calls.leaf("f", lambda view: view["x"])(0, 0, ctypes.addressof(slots))  # type: ignore[call-overload]  # wrong on purpose
    assert isinstance(calls.store.pending, TypeError)


def test_a_guest_is_traced_if_it_is_asked_for() -> None:
    process = Guest().process
    assert [Calls(process).traced, Calls(process, True).traced] == [False, True]
