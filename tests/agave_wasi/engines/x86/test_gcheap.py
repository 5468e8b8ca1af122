"""The heap of exceptions: objects, what is freed, and what isn't."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from random import Random

import pytest

from agave_wasi.engines.x86 import gcheap
from agave_wasi.engines.x86.gcheap import FIRST_CAPACITY, UNIT, FunctionReferences, Heap, HeapFull

EXCEPTION = 0x0400_0000


def nothing() -> Iterable[list[int]]:
    return ()


def rooted(references: list[int]) -> Callable[[], Iterable[list[int]]]:
    """What asks a list for its roots, among words that are none."""
    return lambda: [[0, 1, 0xFFFF_FFFF], references]


def a_heap(size: int = 1 << 16) -> Heap:
    return Heap(memoryview(bytearray(size)))


def new(heap: Heap, tag: tuple[int, int] = (1, 2), size: int = 40, roots: gcheap.Roots = nothing) -> int:
    """An exception, with its tag written as compiled code would."""
    reference = heap.allocate(EXCEPTION, 9, size, roots)
    struct.pack_into("<II", heap.memory, reference + 24, *tag)
    return reference


def test_an_object_has_a_header_that_keeps_compiled_code_quiet() -> None:
    heap = a_heap()
    reference = new(heap)
    assert reference and reference % UNIT == 0
    kind, type_index, count, following, size = struct.unpack_from("<IIQII", heap.memory, reference)
    assert (kind, type_index, following, size) == (EXCEPTION | 2, 9, 0, 40)
    assert count == 1 << 32


def test_objects_know_their_tag_and_nothing_else_does() -> None:
    heap = a_heap()
    one, two = new(heap, (5, 6)), new(heap, (7, 8))
    assert (heap.tag(one), heap.tag(two)) == ((5, 6), (7, 8))
    assert two >= one + 48
    for wrong in (0, one + 4, one + UNIT, 1 << 16, 0xFFFF_FFF0):
        assert heap.tag(wrong) is None


def test_what_is_reachable_stays_and_what_isn_t_is_used_again() -> None:
    heap = a_heap(4096)
    kept = new(heap, (3, 4))
    seen = {new(heap, roots=rooted([kept])) for _ in range(1000)}
    assert kept not in seen
    assert heap.tag(kept) == (3, 4)
    assert len(seen) < 4096 // 48


def test_an_exception_keeps_those_in_its_fields() -> None:
    heap = a_heap(4096)
    chain = [new(heap)]
    for _ in range(9):
        chain.append(new(heap, roots=rooted(chain)))
        struct.pack_into("<I", heap.memory, chain[-1] + 32, chain[-2])
    heap.collect(rooted([chain[-1]])())
    assert all(heap.tag(each) == (1, 2) for each in chain)
    heap.collect(rooted([chain[4]])())
    assert [heap.tag(each) is not None for each in chain] == [True] * 5 + [False] * 5
    struct.pack_into("<I", heap.memory, chain[0] + 32, chain[4])  # a circle
    heap.collect(nothing())
    assert not any(heap.starts)


def test_a_full_heap_says_so_as_wasmtime_does() -> None:
    heap = a_heap(4096)
    kept: list[int] = []
    with pytest.raises(HeapFull, match=r"^GC heap out of memory: no capacity for allocation of 40 bytes$"):
        for _ in range(4096):
            kept.append(new(heap, roots=rooted(kept)))
    assert len(kept) == (4096 - UNIT) // 48
    assert all(heap.tag(each) for each in kept)
    kept.clear()
    assert new(heap, roots=rooted(kept))  # room again


def test_a_heap_for_which_there_is_no_memory() -> None:
    with pytest.raises(HeapFull):
        new(a_heap(16))


def test_the_heap_grows_only_when_it_must() -> None:
    heap = a_heap(8 * FIRST_CAPACITY)
    for _ in range(FIRST_CAPACITY // 48 * 3):
        new(heap)
    assert heap.capacity == FIRST_CAPACITY
    kept: list[int] = []
    while len(kept) < FIRST_CAPACITY // 48 * 2:
        kept.append(new(heap, roots=rooted(kept)))
    assert FIRST_CAPACITY < heap.capacity <= 8 * FIRST_CAPACITY
    assert len(set(kept)) == len(kept)
    large = heap.allocate(EXCEPTION, 9, 3 * FIRST_CAPACITY, rooted(kept))
    assert heap.memory[large : large + 3 * FIRST_CAPACITY].nbytes == 3 * FIRST_CAPACITY


@pytest.mark.parametrize("seed", range(4))
def test_living_objects_never_overlap(seed: int) -> None:
    random = Random(seed)
    heap = a_heap(8192)
    living: dict[int, int] = {}
    for _ in range(2000):
        size = random.choice((32, 40, 48, 72, 136, 520))
        for reference in random.sample(sorted(living), min(len(living), random.randrange(3))):
            del living[reference]
        try:
            reference = new(heap, (size, 7), size, rooted(list(living)))
        except HeapFull:
            living.clear()
            continue
        assert reference not in living
        living[reference] = size
        ends = 0
        for start in sorted(living):
            assert start >= ends
            ends = start + living[start]
        assert ends <= 8192
        assert all(heap.tag(each) == (living[each], 7) for each in living)


def test_a_saved_heap_goes_on_in_the_same_way() -> None:
    heap = a_heap(4096)
    kept = [new(heap) for _ in range(20)]
    saved, memory = heap.save(), bytes(heap.memory)
    first = [new(heap, roots=rooted(kept)) for _ in range(200)]
    heap.memory[:] = memory
    heap.restore(saved)
    assert [new(heap, roots=rooted(kept)) for _ in range(200)] == first


GOOD = 4096, bytes(256), [(16, 4096)]


@pytest.mark.parametrize(
    "saved",
    [
        None,
        (),
        (4096, bytes(256)),
        (4096, None, []),
        ("4096", bytes(256), []),
        (4097, bytes(256), []),
        (4096, bytes(255), []),
        (8192, bytes(512), []),
        (-16, b"", []),
        (4096, bytes(255) + b"\1", []),
        (4096, b"\2" + bytes(255), []),
        (4096, bytes(256), [(16,)]),
        (4096, bytes(256), [(0, 4096)]),
        (4096, bytes(256), [(16, 4112)]),
        (4096, bytes(256), [(24, 4096)]),
        (4096, bytes(256), [(32, 16)]),
        (4096, bytes(256), 5),
    ],
)
def test_what_no_heap_has_saved_isn_t_restored(saved: object) -> None:
    heap = a_heap(4096)
    before = heap.save()
    with pytest.raises(ValueError):
        heap.restore(saved)
    assert heap.save() == before
    heap.restore(GOOD)


@pytest.mark.parametrize("seed", range(4))
def test_a_heap_whose_memory_lies_says_at_worst_that_it_is_full(seed: int) -> None:
    random = Random(seed)
    heap = a_heap(4096)
    kept = [new(heap) for _ in range(20)]
    for _ in range(50):
        heap.memory[:] = random.randbytes(4096)
        for reference in random.sample(range(0, 4096, 16), 20):
            heap.tag(reference)
        heap.collect(rooted(kept)())
        try:
            new(heap, roots=rooted(kept))
        except HeapFull:
            heap.restore(GOOD)


def test_saved_functions_have_the_numbers_that_they_had() -> None:
    functions, others = FunctionReferences(), FunctionReferences()
    numbers = [functions.number(address) for address in (0x5000, 0, 0x6000)]
    others.restore(functions.addresses)
    assert [others.number(address) for address in (0x5000, 0, 0x6000, 0x7000)] == [*numbers, 3]
    for wrong in (None, [], [1], [0, 5, 5], [0, "5"], [0, -1], [0, 1 << 64], [0, True, None]):
        with pytest.raises(ValueError):
            others.restore(wrong)


def test_functions_have_numbers_and_null_is_null() -> None:
    functions = FunctionReferences()
    assert functions.number(0) == 0
    one, two = functions.number(0x5000), functions.number(0x6000)
    assert len({0, one, two}) == 3
    assert functions.number(0x5000) == one
    assert [functions.address(each) for each in (0, one, two)] == [0, 0x5000, 0x6000]
    with pytest.raises(IndexError):
        functions.address(3)
