"""A trap is earned by a mistake that can be pointed at, and by nothing else."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest

from agave_wasi.abi.types import Text
from conformance.fuzz.blame import earned
from conformance.fuzz.layout import MEMORY, functions, lay
from conformance.fuzz.steps import NEVER_OPEN, Step
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import on, opening, run

GOOD = {
    "path_open": (3, 0, 0x100, 5, 1, 0, 0, 0, 0x200), "fd_read": (3, 0x100, 1, 0x200), "fd_readdir": (3, 0x100, 50, 0, 0x200),
    "poll_oneoff": (0x100, 0x200, 2, 0x300), "fd_seek": (3, 0, 2, 8), "fd_filestat_get": (3, 8), "args_get": (4, 16),
    "random_get": (0, MEMORY), "args_sizes_get": (4, 8), "clock_time_get": (3, 0, 8), "sched_yield": (),
}  # fmt: skip


def memory(*vectors: tuple[int, int]) -> memoryview:
    found = bytearray(MEMORY)
    for number, each in enumerate(vectors):
        found[0x100 + 8 * number : 0x108 + 8 * number] = pack("<II", *each)
    return memoryview(found)


@pytest.mark.parametrize("name", GOOD)
def test_sound_calls_earn_no_trap(name: str) -> None:
    assert not earned(name, GOOD[name], memory((0x400, 10)))


@pytest.mark.parametrize(
    "name, slot, value",
    [
        ("path_open", 2, MEMORY), ("path_open", 3, MEMORY), ("path_open", 4, 16), ("path_open", 7, 32), ("path_open", 8, 0x201),
        ("path_open", 1, 2), ("path_open", 5, 1 << 40),
        ("fd_read", 1, 0x102), ("fd_read", 2, 1 << 20), ("fd_read", 3, MEMORY - 3),
        ("fd_readdir", 2, MEMORY), ("poll_oneoff", 0, 0x104), ("poll_oneoff", 1, MEMORY - 8), ("poll_oneoff", 3, 2),
        ("fd_seek", 2, 3), ("fd_seek", 3, 4), ("fd_filestat_get", 1, MEMORY - 56), ("args_get", 0, 2), ("args_get", 1, MEMORY),
        ("random_get", 0, 1), ("args_sizes_get", 1, 3), ("clock_time_get", 0, 4), ("clock_time_get", 2, 4),
    ],
)  # fmt: skip
def test_each_mistake_is_seen(name: str, slot: int, value: int) -> None:
    slots = list(GOOD[name])
    slots[slot] = value
    assert earned(name, slots, memory((0x400, 10)))


def test_vectors_are_followed() -> None:
    assert earned("fd_read", (3, 0x100, 2, 0x200), memory((0x400, 10), (MEMORY - 5, 6)))
    assert not earned("fd_read", (3, 0x100, 2, 0x200), memory((0x400, 10), (MEMORY - 5, 5)))


@pytest.mark.parametrize("name", functions())
def test_what_a_generator_lays_earns_none(name: str) -> None:
    values: dict[str, Any] = {"iovs": [4], "ri_data": [4], "poll": [{"clock": 1, "timeout": 0, "flags": 0, "user": 1}]}
    if name in ("fd_write", "fd_pwrite", "sock_send"):
        values = {"iovs": {"sizes": [4], "fill": 1}, "si_data": {"sizes": [4], "fill": 1}}
    signature = functions()[name]
    plain = {each.name: "a" if isinstance(each.abi, Text) else 0 for each in signature.parameters}
    drawn = {each: values.get(each, plain[each]) for each in plain}
    laid = lay(Step(4, name, drawn))
    held = bytearray(MEMORY)
    for at, piece in laid.pieces:
        held[at : at + len(piece)] = piece
    assert not earned(name, laid.slots, memoryview(held))


def test_a_trap_that_nothing_explains_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    from agave_wasi.abi.memory import Trap

    def trap(self: Any, fd: int, path: bytes) -> None:
        raise Trap("pointer out of bounds")

    nothing_open = Step(5, "path_create_directory", {"fd": NEVER_OPEN, "path": "d"})
    assert not run(opening(4, "f"), nothing_open)[-1].unknown
    monkeypatch.setattr(Syscalls, "mkdirat", trap)
    for step in (nothing_open, on(6, "path_create_directory", 3, path="d")):
        (found,) = run(step)[-1].unknown
        assert found.what == "ending" and "no such mistake" in found.ours
