"""Blocks of the kernel's RAM."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.vdso.layout import HEAP
from kernel_sim.vdso.ram import Ram, on_page


class Memory:
    """Memory that grows to `most` bytes."""

    def __init__(self, most: int) -> None:
        self.bytes = bytearray(HEAP)
        self.most = most

    def grow(self, size: int) -> bool:
        if len(self.bytes) + size > self.most:
            return False
        self.bytes = self.bytes + bytearray(size)
        return True

    def ram(self) -> Ram:
        return Ram(lambda: memoryview(self.bytes), self.grow)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5000)), max_size=60))
def test_blocks_never_overlap(steps: list[tuple[bool, int]]) -> None:
    ram = Memory(1 << 22).ram()
    live: list[tuple[int, int]] = []
    for take, size in steps:
        if take or not live:
            at = ram.allocate(size)
            assert at >= HEAP and not at % 128 and at + size <= len(ram.bytes)
            assert all(at + size <= other or other + length <= at for other, length in live)
            live.append((at, size))
        else:
            ram.free(*live.pop(size % len(live)))


def test_a_free_block_is_given_again() -> None:
    ram = Memory(1 << 20).ram()
    first = ram.allocate(300)
    ram.free(first, 300)
    assert ram.allocate(512) == first and ram.allocate(512) != first


def test_the_end_of_memory() -> None:
    ram = Memory(HEAP + 4096).ram()
    assert ram.allocate(1 << 40) == 0 and ram.allocate(8192) == 0
    assert ram.reserve(4096) and not ram.reserve(4097)
    assert [ram.allocate(2048) != 0 for _ in range(3)] == [True, True, False]


def test_it_is_new_after_a_reset() -> None:
    ram = Memory(1 << 20).ram()
    first = ram.allocate(128)
    ram.free(first, 128)
    ram.allocate(4096)
    ram.reset()
    assert ram.end == HEAP and ram.u32[(on_page("free") >> 2) + 7] == 0 and ram.allocate(128) == first


def test_nobody_sees_it_once_it_is_closed() -> None:
    ram = Memory(1 << 20).ram()
    ram.close()
    with pytest.raises(IndexError):
        ram.u32[0]
