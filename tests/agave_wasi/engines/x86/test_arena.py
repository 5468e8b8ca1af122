"""The arena: room that is taken, and addresses that compiled code names."""

from __future__ import annotations

import pytest

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.arena import Arena
from kernel_sim.cpu.memory import Memory

START, SIZE = 0x10_0000, 0x4000


@pytest.fixture
def arena() -> Arena:
    return Arena(Memory().add("arena", START, SIZE, "rw"))


def test_what_is_taken_is_aligned_zero_and_apart(arena: Arena) -> None:
    first, second, third = arena.take(5), arena.take(8), arena.take(100, 4096)
    assert (first, second, third) == (START, START + 16, START + 4096)
    assert bytes(arena.bytes(third, 100)) == bytes(100)


def test_room_ends(arena: Arena) -> None:
    arena.take(SIZE - 16)
    with pytest.raises(EngineError, match=f"take more than {SIZE} bytes"):
        arena.take(17)
    assert arena.take(16) == START + SIZE - 16
    with pytest.raises(EngineError):
        arena.take(1)


def test_no_size_is_less_than_nothing(arena: Arena) -> None:
    with pytest.raises(EngineError):
        arena.take(-1)


def test_words_and_halves_are_little_endian(arena: Arena) -> None:
    at = arena.take(16)
    arena.set_word(at, 0x1122_3344_5566_7788)
    arena.set_half(at + 8, 0xFFFF_FFFF)
    assert arena.words(at) == 0x1122_3344_5566_7788
    assert (arena.half(at), arena.half(at + 8)) == (0x5566_7788, 0xFFFF_FFFF)
    assert bytes(arena.bytes(at, 9)) == bytes.fromhex("8877665544332211ff")


@pytest.mark.parametrize(
    ("address", "size"), [(START - 1, 1), (START + SIZE, 1), (START + SIZE - 7, 8), (0, 8), (START, SIZE + 1), (1 << 64, 0)]
)
def test_what_lies_outside_is_damage(arena: Arena, address: int, size: int) -> None:
    with pytest.raises(EngineError, match="outside of the arena: its image is damaged"):
        arena.bytes(address, size)
