"""The bytes of files in memory against a plain byte string, with quotas, holes and every way to change the size."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.clock import VirtualClock
from kernel_sim.fs.content import DIRECT_COPY, PAGE, SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.filesystem import UNLIMITED, FileSystem
from tests.kernel_sim.scripts import errno, pieces, views

SIZES = st.one_of(st.integers(0, 40), st.sampled_from([DIRECT_COPY - 1, DIRECT_COPY, PAGE - 1, PAGE, PAGE + 3, 3 * PAGE]))
VECTORS = st.lists(SIZES, max_size=3)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), SIZES, VECTORS),
        st.tuples(st.just("read"), SIZES, VECTORS),
        st.tuples(st.just("truncate"), SIZES, st.just([])),
        st.tuples(st.just("allocate"), SIZES, VECTORS),
    ),
    max_size=12,
)


def system(max_bytes: int = UNLIMITED) -> FileSystem:
    return FileSystem(1, VirtualClock(), max_bytes=max_bytes)


def filled(sizes: list[int], seed: int) -> list[bytes]:
    return [bytes([(seed + index) % 255 + 1]) * size for index, size in enumerate(sizes)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([DenseContent, SparseContent]), ACTIONS)
def test_against_a_byte_string(
    kind: type[DenseContent] | type[SparseContent], actions: list[tuple[str, int, list[int]]]
) -> None:
    content, fs, model = kind(), system(), bytearray()
    for seed, (what, offset, sizes) in enumerate(actions):
        total = sum(sizes)
        if what == "write":
            assert content.write(offset, pieces(*filled(sizes, seed)), fs) == total
            if total:
                model.extend(bytes(max(0, offset + total - len(model))))
                model[offset : offset + total] = b"".join(filled(sizes, seed))
        elif what == "read":
            buffers = views(*sizes)
            count = content.read(offset, buffers)
            assert count == len(model[offset : offset + total])
            assert b"".join(buffers) == bytes(model[offset : offset + total]).ljust(total, b"\xaa")
        elif what == "truncate":
            content.truncate(offset, fs)
            model = model[:offset].ljust(offset, b"\0")
        elif total:
            content.allocate(offset, offset + total, fs)
            model.extend(bytes(max(0, offset + total - len(model))))
        assert content.size == len(model)
        assert fs.used_bytes == content.stored()
    assert content.tobytes() == model
    if isinstance(content, DenseContent):
        sparse = SparseContent.of(content, fs)
        assert sparse.tobytes() == model
        assert fs.used_bytes == sparse.stored()
        assert not sparse.would_be_sparse(1 << 40)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 100), st.lists(st.tuples(st.integers(0, 120), st.lists(st.integers(0, 50), max_size=3)), max_size=6))
def test_a_write_that_half_fits_writes_the_half(quota: int, writes: list[tuple[int, list[int]]]) -> None:
    """A dense file never stores more than the quota, and what it took is exactly what there was room for."""
    content, fs, model = DenseContent(), system(quota), bytearray()
    for seed, (offset, sizes) in enumerate(writes):
        count = content.write(offset, pieces(*filled(sizes, seed)), fs)
        assert count == min(sum(sizes), max(0, quota - offset))
        if count:
            model.extend(bytes(max(0, offset + count - len(model))))
            model[offset : offset + count] = b"".join(filled(sizes, seed))[:count]
        assert content.tobytes() == model
        assert fs.used_bytes == content.stored() <= quota


@pytest.mark.parametrize("kind", [DenseContent, SparseContent])
def test_a_clone_shares_nothing(kind: type[DenseContent] | type[SparseContent]) -> None:
    content, fs = kind(), system()
    content.write(0, pieces(b"hello"), fs)
    content.truncate(9, fs)
    content.shared = True
    clone = content.clone()
    assert (clone.tobytes(), clone.stored(), clone.shared) == (b"hello\0\0\0\0", content.stored(), False)
    clone.write(0, pieces(b"J"), fs)
    assert content.tobytes() == b"hello\0\0\0\0"


def test_a_full_quota_still_allows_overwriting() -> None:
    for content in (DenseContent(), SparseContent()):
        fs = system(PAGE)
        assert content.write(0, pieces(bytes(PAGE)), fs) == PAGE
        assert content.write(5, pieces(b"over"), fs) == 4
        assert content.write(PAGE - 2, pieces(b"end"), fs) == 2
        assert content.write(PAGE, pieces(b"x"), fs) == 0
        fs.max_bytes = 10  # the quota was lowered below what is used
        assert content.write(5, pieces(b"more"), fs) == 4
        assert fs.room(1) == 0


def test_pages_that_find_no_room_change_nothing() -> None:
    content, fs = SparseContent(), system(2 * PAGE)
    assert content.write(10 * PAGE, pieces(bytes(3 * PAGE)), fs) == 2 * PAGE
    assert content.size == 12 * PAGE
    assert content.write(40 * PAGE, pieces(b"x"), fs) == 0
    assert content.size == 12 * PAGE
    assert errno(content.allocate, 0, 1, fs) == "NOSPC"
    assert errno(content.allocate, 0, 1 << 60, fs) == "NOSPC"
    content.truncate(10 * PAGE + 5, fs)
    assert (content.stored(), fs.used_bytes) == (PAGE, PAGE)
    content.allocate(3 * PAGE, 4 * PAGE, fs)
    assert sorted(content.pages) == [3, 10]


def test_turning_into_pages_needs_room_for_the_rounding() -> None:
    dense = DenseContent(b"x" * 10)
    fs = system(2 * PAGE - 1)
    fs.used_bytes = 10
    assert errno(SparseContent.of, dense, fs) == "NOSPC"
    assert fs.used_bytes == 10
    fs.max_bytes = 2 * PAGE
    assert SparseContent.of(dense, fs).stored() == fs.used_bytes == PAGE


@pytest.mark.parametrize("offset, answer", [(SPARSE_GAP + 2, False), (SPARSE_GAP + 3, True)])
def test_when_a_hole_is_too_big_to_store(offset: int, answer: bool) -> None:
    dense = DenseContent(b"abc")
    dense.truncate(10 * SPARSE_GAP, system())
    assert dense.would_be_sparse(offset) == answer


def test_a_dense_file_allocates_all_or_nothing() -> None:
    content, fs = DenseContent(b"abc"), system(10)
    fs.used_bytes = 3
    assert errno(content.allocate, 0, 11, fs) == "NOSPC"
    assert (content.size, fs.used_bytes) == (3, 3)
    content.truncate(20, fs)
    content.allocate(0, 10, fs)
    assert (content.size, content.stored(), fs.used_bytes) == (20, 10, 10)
