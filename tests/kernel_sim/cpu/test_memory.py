"""Regions of memory, and what a guest may point to."""

from __future__ import annotations

import errno
import mmap

import pytest

from kernel_sim.cpu.layout import PAGE
from kernel_sim.cpu.memory import Memory, filled, whole_pages
from kernel_sim.errors import Errno, KernelError


@pytest.fixture
def memory() -> Memory:
    memory = Memory()
    memory.add("high", 0x5000, 4096, "rw")
    memory.add("code", 0x1000, 1, "rx")
    memory.add("read", 0x2000, 4096, "r")
    return memory


def test_regions_are_whole_pages_in_order(memory: Memory) -> None:
    assert [(each.name, each.start, each.end) for each in memory.regions] == [
        ("code", 0x1000, 0x2000), ("read", 0x2000, 0x3000), ("high", 0x5000, 0x6000),
    ]  # fmt: skip
    assert memory.size == 3 * 4096
    assert repr(memory.named("read")) == "<Region read 0x2000-0x3000 r>"
    with pytest.raises(KeyError):
        memory.named("low")


@pytest.mark.parametrize(
    "address, name", [(0xFFF, ""), (0x1000, "code"), (0x2FFF, "read"), (0x3000, ""), (0x5FFF, "high"), (0x6000, "")]
)
def test_an_address_is_in_one_region_or_none(memory: Memory, address: int, name: str) -> None:
    region = memory.find(address)
    assert (region.name if region else "") == name


@pytest.mark.parametrize(
    "start, size, access, reason",
    [
        (0x4000, 0x2000, "rw", "would overlap high"),
        (0x5000, 1, "rw", "would overlap high"),
        (0x1000, 0x4000, "rw", "would overlap"),
        (0x4001, 1, "rw", "no whole pages"),
        (0x4000, 0, "rw", "no whole pages"),
        (0x4000, 1, "rwx", "a region is one of"),
    ],
)
def test_regions_don_t_overlap(memory: Memory, start: int, size: int, access: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        memory.add("new", start, size, access)
    assert len(memory.regions) == 3


def test_a_region_that_the_host_can_t_give(memory: Memory) -> None:
    with pytest.raises(MemoryError, match="new: the host has no"):
        memory.add("new", 0x10000, 1 << 62, "rw")


def test_a_view_is_the_memory_itself(memory: Memory) -> None:
    memory.view(0x5010, 4, write=True)[:] = b"abcd"
    assert bytes(memory.named("high").view[0x10:0x14]) == b"abcd"
    assert memory.words(0x5010, 1) == [int.from_bytes(b"abcd", "little")]
    assert bytes(memory.view(0x5000, 4096)[-1:]) == b"\0"


@pytest.mark.parametrize(
    "address, length, write",
    [(0, 1, False), (0x1FFF, 2, False), (0x2000, 1, True), (0x1000, 1, True), (0x5FFF, 2, False), ((1 << 64) - 1, 1, False),
     (0x5000, 1 << 63, False)],
)  # fmt: skip
def test_what_a_guest_can_t_reach_is_a_fault(memory: Memory, address: int, length: int, write: bool) -> None:
    with pytest.raises(KernelError) as caught:
        memory.view(address, length, write)
    assert caught.value.errno == Errno.FAULT


def test_nothing_at_all_is_anywhere(memory: Memory) -> None:
    assert len(memory.view(0, 0, True)) == 0


def test_whole_pages() -> None:
    data = memoryview(bytearray(4 * PAGE))
    assert len(whole_pages(memoryview(b""), None)) == PAGE
    copy = whole_pages(memoryview(b"abc"), None)
    assert len(copy) == PAGE and bytes(copy[:4]) == b"abc\0"
    assert bytes(whole_pages(data[1:5], data)[:4]) == bytes(4)


def test_closing_gives_every_region_back_but_what_somebody_sees(memory: Memory) -> None:
    region = memory.regions[0]
    view = region.view
    memory.close()
    assert memory.find(region.start) is None and memory.size == 0
    view[0] = 3
    assert view[0] == 3


def test_memory_to_be_filled_is_there_with_large_pages_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(mmap.mmap):
        def madvise(self, *advice: int) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

    for kind in (mmap.mmap, Refusing):
        monkeypatch.setattr(mmap, "mmap", kind)
        found = filled(3 * PAGE)
        assert isinstance(found, kind) and found[:] == bytes(3 * PAGE)
        found[:] = b"x" * (3 * PAGE)
    with pytest.raises(MemoryError, match="the host has no"):
        filled(1 << 62)
