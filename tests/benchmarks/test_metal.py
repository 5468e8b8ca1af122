"""The benchmark of the CPU model: all sides do the same work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.guests import build_c
from benchmarks.metal import (
    BARE,
    CALLS,
    JIT,
    METAL_ROWS,
    PROGRAMS,
    bare,
    call_back,
    computing,
    host_call,
    instance,
    ours,
    select_metal,
)
from benchmarks.results import AGAVE, WASMTIME

Gate = Callable[[memoryview], bool]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build_c(tmp_path_factory.mktemp("guest"), "compute", "-mexec-model=reactor", "-mno-bulk-memory").read_bytes()


@pytest.mark.parametrize("name", [name for name, _ in PROGRAMS])
def test_all_sides_give_the_same_result(module: bytes, name: str) -> None:
    """Which `computing` itself requires of them."""
    plain, counted = computing(module, name, 9, 1)
    assert plain.figures.keys() == counted.figures.keys() == {WASMTIME, BARE, AGAVE}
    assert all(each > 0 for each in plain.figures.values())


def test_the_programs_are_what_they_are_called(module: bytes) -> None:
    fib = ours(instance(module, False), "fib", 20)
    assert fib()[1] == 6765
    assert bare(instance(module, False), "fib", 20)()[1] == 6765


def test_the_host_call_enters_the_kernel_each_time(module: bytes) -> None:
    guest = instance(module, False)
    seen: list[int] = []

    def watched(gate: Gate) -> Gate:
        def answer(words: memoryview) -> bool:
            seen.append(words[0])
            return gate(words)

        return answer

    guest.store.machine.gates[:] = map(watched, guest.store.machine.gates)
    ours(guest, "calls", CALLS)()
    assert len(seen) == CALLS + 1  # and the end of the call
    assert host_call(module, 1).figures.keys() == {WASMTIME, BARE, AGAVE}


def test_a_call_back_adds_one_each_time_on_every_side() -> None:
    """Which `call_back` itself requires: each side's sum is the number of its calls."""
    row = call_back(1)
    assert row.figures.keys() == {WASMTIME, JIT, AGAVE} and row.speed_up is not None


def test_metal_stands_for_all_of_the_rows() -> None:
    assert select_metal(["metal"]) and select_metal([METAL_ROWS[-1]]) and not select_metal(["fd_read 1 B"])
