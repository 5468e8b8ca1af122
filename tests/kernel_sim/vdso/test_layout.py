"""The layout: alignment, sizes that the other side counts on, and the header."""

from __future__ import annotations

import pytest

from kernel_sim.vdso import layout
from kernel_sim.vdso.layout import DESCRIPTOR, ENTRY, FILESYSTEM, INODE, PAGE_LAYOUT, RECORD, Layout, header

ALL = (PAGE_LAYOUT, DESCRIPTOR, INODE, ENTRY, FILESYSTEM)


def test_fields_are_aligned_and_in_order() -> None:
    found = Layout("x", "u8 a", "u16 b", "u32 c[3]", "u8 d", "u64 e", "u8 f")
    assert found.offset == {"a": 0, "b": 2, "c": 4, "d": 16, "e": 24, "f": 32} and found.size == 40


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_every_field_is_in_the_header(each: Layout) -> None:
    text = header()
    assert f"struct {each.name} {{" in text and f"sizeof(struct {each.name}) == {each.size}" in text
    assert all(f"    {field};" in text for field in each.fields)


def test_what_fits_into_what() -> None:
    assert INODE.size <= RECORD and ENTRY.size <= RECORD and FILESYSTEM.size <= RECORD == 1 << layout.RECORD_CLASS
    assert DESCRIPTOR.size == 64 and layout.PAGE + PAGE_LAYOUT.size <= layout.HEAP


def test_attributes_lie_as_preview_1_has_them() -> None:
    """One copy answers fd_filestat_get, another fd_fdstat_get."""
    names = ("device", "number", "type", "nlink", "size", "atime", "mtime", "ctime")
    assert [INODE.offset[name] for name in names] == list(range(0, 64, 8))
    start = DESCRIPTOR.offset["type"]
    assert [DESCRIPTOR.offset[name] - start for name in ("type", "status", "rights", "inheriting")] == [0, 2, 8, 16]
