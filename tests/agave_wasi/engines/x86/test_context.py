"""The store's context in the arena: fuel and exits."""

from __future__ import annotations

import pytest

from agave_wasi.engines.x86.arena import Arena
from agave_wasi.engines.x86.context import StoreContext, exits_of
from agave_wasi.engines.x86.vmctx import version
from kernel_sim.cpu.memory import Memory


@pytest.fixture
def context() -> StoreContext:
    return StoreContext(Arena(Memory().add("arena", 0x10_0000, 0x4000, "rw")), 0x1234)


def test_where_code_finds_its_limit(context: StoreContext) -> None:
    at = version().structs["store"]["stack_limit"]
    assert int.from_bytes(bytes(context._view[at : at + 8]), "little") == 0x1234


def test_fuel_is_counted_up_from_below_zero(context: StoreContext) -> None:
    context.fuel = -(1 << 63)
    assert context.fuel == -(1 << 63)
    context.fuel = 5
    assert context.fuel == 5


def test_exits_are_put_aside(context: StoreContext) -> None:
    context.restore_exits((1, 2, 3, 4, 5))
    saved = context.save_exits()
    context.restore_exits((9, 9, 9, 9, 9))
    context.restore_exits(saved)
    assert context.save_exits() == (1, 2, 3, 4, 5)
    outer = [(6, 7, 8, 9, 10), (11, 12, 13, 14, 15)]
    assert list(exits_of(context.save_exits(), outer)) == [(1, 2, 4), (11, 12, 14), (6, 7, 9)]
